"""`python -m services.ingest` runs the ingestion service."""

import asyncio

from services.ingest.server import serve
from services.ingest.settings import IngestSettings

if __name__ == "__main__":
    asyncio.run(serve(IngestSettings()))
