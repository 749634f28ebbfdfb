"""What the agent knows about languages: which one a reader writes, words that carry meaning, our own sentences."""
