"""From texts to vectors: dense ones by an embedding model, local or OpenRouter's, and sparse ones by BM25.

`reading` and `writing` call it; it knows neither sites nor stores.
"""
