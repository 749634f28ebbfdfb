"""What a retriever loads for the index it is told to use, and what it says where a package is missing."""

import subprocess
import sys

import pytest

START = """
import sys
{before}
from services.retriever import server
from services.retriever.settings import RetrieverSettings
from services.runtime.starting import CannotStart
settings = RetrieverSettings(_env_file=None, data_dir={folder!r}, qdrant_url={url!r})
try:
    server.make_sites(settings, embedder=None)
except CannotStart as error:
    print("cannot start:", error)
print(*sorted(name for name in sys.modules if name.startswith("services.retriever.store.")))
"""
MISSING = "sys.modules['qdrant_edge'] = None"


def told(folder: object, *, url: str = "", before: str = "") -> str:
    """What a fresh interpreter prints when it makes the index."""
    script = START.format(folder=str(folder), url=url, before=before)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def test_the_embedded_engine_is_not_loaded_where_a_server_is_used(tmp_path: object) -> None:
    loaded = told(tmp_path, url="http://qdrant.example:6333")
    assert "services.retriever.store.server" in loaded
    assert "services.retriever.store.edge" not in loaded


def test_the_client_of_a_server_is_not_loaded_where_the_engine_is_embedded(tmp_path: object) -> None:
    loaded = told(tmp_path)
    assert "services.retriever.store.edge" in loaded
    assert "services.retriever.store.server" not in loaded


@pytest.mark.parametrize("url", ["", "http://qdrant.example:6333"])
def test_without_the_package_that_weighs_words_the_start_says_what_to_install(tmp_path: object, url: str) -> None:
    said = told(tmp_path, url=url, before=MISSING)
    assert "cannot start: the package qdrant-edge-py" in said
    assert "pip install 'docs-chat[retriever]'" in said
