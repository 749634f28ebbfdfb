"""What a question is about: its names must exist on the site; one without any subject is about the site itself."""

import re
from functools import lru_cache

from services.retriever.embedding.sparse import SparseEncoder

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
_SENTENCE_END = (".", "?", "!", ":", "\n")
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
        begins_sentence = word.endswith(_SENTENCE_END) or text[match.end() : match.end() + 1] in _SENTENCE_END
    return list(names)


def _is_proper(word: str) -> bool:
    """A capital and more letters; `I'd` and single letters are none."""
    return word[0].isupper() and len(word) > 1 and word[1].isalnum()


_OF_ANY_DOCS = """
    install installation set setup start begin get require requirements prerequisites prerequisite need necessary use
    usage run upgrade update migrate migration version license licence cost price pricing free pay work example examples
    tutorial guide doc docs documentation overview introduction intro configure configuration config settings setting
    option options troubleshoot troubleshooting uninstall remove support help contribute contributing changelog release
    new latest faq quick quickstart first step steps learn basics feature features know read download machine computer
    make want project library framework tool package product open source
    much many best could would may must please tell show also still
"""
"""Words that a page of every documentation has: they tell what a reader wants to do, not with what."""


def names_no_subject(text: str, encoder: SparseEncoder) -> bool:
    """Whether a question has no words but those of any documentation: "What do I need to install?" is about this one.

    >>> from services.retriever.embedding.sparse import encoder_for
    >>> names_no_subject("How do I install it?", encoder_for("en", 110.0))
    True
    >>> names_no_subject("How do I install a kitchen?", encoder_for("en", 110.0))
    False
    """
    return _of_any_docs(encoder).issuperset(encoder.query(text).indices)


@lru_cache(maxsize=64)
def _of_any_docs(encoder: SparseEncoder) -> frozenset[int]:
    return frozenset(encoder.query(_OF_ANY_DOCS).indices)
