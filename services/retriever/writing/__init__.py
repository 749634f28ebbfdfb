"""Everything that changes a site: `revisions` opens and publishes, `indexing` brings pages in between.

The servicer of IndexService calls both; they call `sites`, its stores and the embedder.
"""
