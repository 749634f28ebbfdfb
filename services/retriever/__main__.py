"""`python -m services.retriever`"""

from services.retriever.server import serve
from services.retriever.settings import RetrieverSettings
from services.runtime.starting import run_service

if __name__ == "__main__":
    run_service(RetrieverSettings, serve)
