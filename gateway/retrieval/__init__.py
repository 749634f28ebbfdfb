"""Reads from the retriever, and what it found: as JSON, as snippets, as a preview of the page.

Called by `mcp`, `turns` and the routes for search, sites and preview; calls the retriever.
"""
