"""The ingestion service: reads a Docusaurus site, cuts its pages into chunks and writes them into the index.

A call comes in at `servicer`, which lets `translate` read the request, `sources` open the site and `run` do the work;
`run` reads documents from a source, has them cut by `chunking`, and sends them to the retriever. The nouns they hand to
each other are in `document`. `sources` and `run` do not know each other: they meet at `document.Source`.
"""
