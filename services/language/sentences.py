"""Where sentences end: for quoting whole ones, and for cutting long texts without losing a character."""

import re

# A sentence ends at a full stop and a blank, unless the stop belongs to a short form or a number.
_QUOTED_END = re.compile(
    r"(?<=[.!?…])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\betc\.)\s+(?=[A-Z0-9`*_\"'(\[À-ÖØ-Þ])|(?<=[。！？])"
)
"""Better too few ends than a quotation of half a sentence."""
_CUT_END = re.compile(r"[.!?…][\"'”’)\]*_`]*\s+(?=[^\sa-z])|[。！？；][」』”’）]*|\n+")
"""Better too many ends than a piece that is too long; lines end too. Chunks are cut by it: a change to it changes
every index, and `CHUNKER_VERSION` with it."""
_UNCUTTABLE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|!?\[[^\]\n]*\]\([^)\n]*\)", re.DOTALL)
_LONGEST_READ = 100_000
"""Characters up to which code spans and links are looked for: the search is quadratic in the worst case."""


def split_sentences(prose: str) -> list[str]:
    """The sentences of a block of prose, lines joined.

    >>> split_sentences("Use a bundler, e.g. Vite. Then\\nbuild.")
    ['Use a bundler, e.g. Vite.', 'Then build.']
    """
    joined = re.sub(r"\s*\n\s*", " ", prose).strip()
    return [sentence.strip() for sentence in _QUOTED_END.split(joined) if sentence and sentence.strip()]


def announces(text: str) -> bool:
    """Whether a text ends in a colon, so that what it means comes after it.

    >>> announces("Run this:"), announces("例如："), announces("Done.")
    (True, True, False)
    """
    return text.rstrip().endswith((":", "："))


def cut_sentences(text: str) -> list[str]:
    """The text in sentences and lines, nothing lost; never inside a code span or a link.

    >>> cut_sentences("One. Two\\nthree")
    ['One. ', 'Two\\n', 'three']
    """
    held = [match.span() for match in _UNCUTTABLE.finditer(text)] if len(text) < _LONGEST_READ else []
    pieces, start, next_held = [], 0, 0
    for match in _CUT_END.finditer(text):
        end = match.end()
        while next_held < len(held) and held[next_held][1] <= end:
            next_held += 1
        if next_held < len(held) and held[next_held][0] < end < held[next_held][1]:
            continue
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]] if text[start:] else pieces
