"""Points with vectors and payloads: the port, and two engines behind it.

`sites` opens stores, `reading` and `writing` call them. `edge` runs in this process, `server` talks to Qdrant.
"""
