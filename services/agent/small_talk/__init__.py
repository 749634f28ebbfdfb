"""Messages that ask nothing of the docs, and the replies to them. Called by `turn`."""
