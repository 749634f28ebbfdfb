"""One run of the Agents SDK: instructions and passages in, the text of an answer out. Called by `turn`."""
