"""Indexing a site again because its host says so: `signatures` tells who says it, `runs` keeps one run a site going.

The only room that calls the ingestion service (`ingest_client`). What is read comes from the settings, never from the
request.
"""
