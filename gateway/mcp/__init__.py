"""The Model Context Protocol: search and pages as tools and resources for other people's assistants.

`app` opens the server, `routes.mcp` hands it requests; it reads from the retriever through `retrieval`.
"""
