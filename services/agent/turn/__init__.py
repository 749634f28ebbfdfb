"""One turn from the reader's question to its last event: search, cache, shared runs, answer, suggestions.

Called by the servicer; calls the other rooms.
"""
