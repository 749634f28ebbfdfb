"""Everything that answers a reader: `search` calls `candidates`, `ranking`, `judging` and `passages`, in that order.

`page_reader` reads whole pages. The servicer of RetrieverService calls both; they see a site only as it is published.
"""
