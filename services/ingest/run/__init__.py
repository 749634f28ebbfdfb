"""One run over a site: an ingestion (`pipeline`) or an inspection that writes nothing (`inspection`).

`pipeline` asks `plan` what has changed, `preparation` for the new documents and chunks, and `writing` to send them; what
is sent goes through `site_index`, the port, whose one implementation is `retriever_client`.
"""
