"""What an embedding model reads of a chunk: ingestion counts its tokens, the retriever embeds it, both one text."""

from collections.abc import Sequence

INPUT_FORMAT = "heading-path-1"
"""Name of the format in the chunking profile. Another text under the same name would break both the windows that
ingestion fills and the embeddings that are reused, so a change of `embedding_input` is a new name."""


def embedding_input(title: str, heading_path: Sequence[str], text: str) -> str:
    """Where a chunk stands, then what it says.

    >>> embedding_input("Guide", ("Install", "Linux"), "Run it.")
    'Guide > Install > Linux\\n\\nRun it.'
    """
    return f"{' > '.join((title, *heading_path))}\n\n{text}"
