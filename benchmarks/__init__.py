"""Measurements of docs-chat, each beside its peers or the physical limit in the same run."""
