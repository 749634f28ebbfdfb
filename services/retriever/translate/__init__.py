"""Between the contract's messages and the nouns of the rooms, both ways. Only the servicers call it."""
