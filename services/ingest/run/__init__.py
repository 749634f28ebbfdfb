"""One run over a site: an ingestion (`pipeline`), or an inspection that writes nothing (`inspection`).

`pipeline` asks `plan` what has changed, `preparation` for the new documents and chunks, and `writing` to send them,
through the port `site_index`, to `retriever_client`. `inspection` reads and cuts as `preparation` does.
"""
