"""`python -m services.ingest` runs the ingestion service."""

from services.ingest.server import serve
from services.ingest.settings import IngestSettings
from services.runtime.starting import run_service

if __name__ == "__main__":
    run_service(IngestSettings, serve)
