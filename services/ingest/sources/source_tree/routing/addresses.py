"""Putting addresses together by Docusaurus's rules: joining, relative resolution, trailing slash, percent-encoding."""

import re
from posixpath import normpath
from urllib.parse import quote

_SLASHES = re.compile(r"/{2,}")


def join_path(*parts: str) -> str:
    """URL path of the parts that are not empty; of their trailing slashes only the last part's stays.

    >>> join_path("/base/", "docs", "/intro/")
    '/base/docs/intro/'
    """
    kept = [part for part in parts if part != ""]
    path = "/".join([*(part.rstrip("/") for part in kept[:-1]), *kept[-1:]])
    return _SLASHES.sub("/", f"/{path}")


def resolve_path(target: str, folder: str) -> str:
    """Resolve a slug or relative link against a folder that ends in `/`, by URL rules.

    >>> resolve_path("../up", "/sub/deep/")
    '/sub/up'
    """
    if target.startswith("/"):
        return target
    path = _SLASHES.sub("/", normpath(f"{folder}{target}"))
    if target.endswith(("/", "/.", "/..")) or target in {"", ".", ".."}:
        path = f"{path.rstrip('/')}/"
    return path


def apply_trailing_slash(path: str, trailing_slash: bool | None, base_url: str) -> str:
    """The path as the site serves it; the root of the site stays as it is."""
    if trailing_slash is None or path in {"/", base_url}:
        return path
    bare = path[:-1] if path.endswith("/") else path
    return f"{bare}/" if trailing_slash else bare


def encode_path(path: str) -> str:
    """Percent-encode a raw path as encodeURI does, and `?` and `#`, which could not be part of a path otherwise."""
    return quote(path, safe="!$&'()*+,/:;=@-._~")


def encode_segment(text: str) -> str:
    """encodeURIComponent."""
    return quote(text, safe="!'()*-._~")
