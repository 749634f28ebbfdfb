"""From a document to chunks that fit the embedding model: `split` cuts along the headings, and calls the others.

`cut` cuts what is longer than the window, `grouping` puts small pieces together, `tokens` counts.
"""
