"""Include and exclude globs as micromatch reads them."""

import re
from collections.abc import Callable, Sequence

from wcmatch import glob

_FLAGS = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB | glob.FORCEUNIX | glob.CASE
_MAX_EXPANSIONS = 500


def matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """A function that tells whether a relative path with `/` matches any of the globs; dot files match none."""
    patterns: list[str] = []
    for pattern in globs:
        included, _ = glob.translate(pattern.removeprefix("./"), flags=_FLAGS, limit=_MAX_EXPANSIONS)
        patterns += [text if isinstance(text, str) else text.decode() for text in included]
    if not patterns:
        return lambda _: False
    compiled = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    return lambda path: compiled.match(path) is not None
