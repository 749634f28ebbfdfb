"""The names in a question: what it calls by name must exist on the site, or the site cannot be about it."""

import re

_WORD = re.compile(r"[^\s,;!?(){}\[\]\"“”«»]+")
_IDENTIFIER = re.compile(
    r"""
    [a-z][A-Z]                       # camelCase, PascalCase
    | [^\W_]_[^\W_]                  # snake_case
    | [A-Z]{2}                       # ACRONYM
    | [A-Za-z]{2}\.[A-Za-z]{2}       # dotted.path, file.name
    | ^--?[a-z]{2}                   # --flag
    | ^@[a-z]                        # @scope/package
    """,
    re.VERBOSE,
)
_SENTENCE_END = (".", "?", "!", ":")
_QUOTE = "`'"


def names_in(text: str) -> list[str]:
    """Identifiers, flags, packages, acronyms, words in backticks, and capitalised words inside a sentence.

    >>> names_in("How do I call useSelector from Svelte? It says no.")
    ['useSelector', 'Svelte']
    """
    names: dict[str, None] = {}
    begins_sentence = True
    for match in _WORD.finditer(text):
        word = match.group()
        name = word.strip(_QUOTE).rstrip(".:…").strip(_QUOTE)
        quoted = word.startswith("`")
        if name and (quoted or _IDENTIFIER.search(name) or (_is_proper(name) and not begins_sentence)):
            names[name] = None
        begins_sentence = word.endswith(_SENTENCE_END)
    return list(names)


def _is_proper(word: str) -> bool:
    """A capital and more letters; `I'd` and single letters are none."""
    return word[0].isupper() and len(word) > 1 and word[1].isalnum()
