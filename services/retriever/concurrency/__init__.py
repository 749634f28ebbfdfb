"""How asynchronous callers share work and wait for each other; it knows nothing of documents, and any room calls it."""
