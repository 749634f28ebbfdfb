"""What becomes of an answer's text on its way to the reader: marks, links, sources, grounding. Called by `turn`."""
