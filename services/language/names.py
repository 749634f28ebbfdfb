"""Names in texts: identifiers, flags, packages, products. What they name cannot be said in other words."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\s,;!?(){}\[\]\"“”«»]+")
_NAME = re.compile(
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
"""What is a name in a question, where a wrong guess casts doubt on an answer."""
_CODE = re.compile(r"[a-z][A-Z]|_|\w[./]\w|^--?\w|^@|\d\w*[A-Za-z]")
"""What is written as code in an answer, where a miss lets an invention through: `a/b` and `h1x` too, not acronyms."""
_SENTENCE_END = (".", "?", "!", ":", "\n")
_QUOTE = "`'"
_CALLED = re.compile(r"([\w$.]+)\(")
_ARGUMENTS = re.compile(r"\(.*\)")
_LAST_PART = re.compile(r"(?<=[./#])[^./#]+$")
_LEAST_LETTERS = 3
"""Of a name that tells something: `id` and `to` stand everywhere."""


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
        if name and (quoted or _NAME.search(name) or (_is_proper(name) and not begins_sentence)):
            names[name] = None
        begins_sentence = word.endswith(_SENTENCE_END) or text[match.end() : match.end() + 1] in _SENTENCE_END
    return list(names)


def called_names(question: str) -> frozenset[str]:
    """What a question calls by its name, in small letters: each name whole, and the last part of a path or a call.

    >>> sorted(called_names("Does `lib.mock()` work with --no-cache?"))
    ['lib.mock', 'mock', 'no-cache']
    """
    called = [*names_in(question), *_CALLED.findall(question)]
    called += [word for word in _WORD.findall(question) if looks_like_code(word)]
    return frozenset(name for word in called for name in _with_last_part(word.strip("`'.,:;?!")))


def named_after(heading: str) -> frozenset[str]:
    """What a title or heading is the name of, when it is one word, in the same spelling; empty for one that says more.

    >>> sorted(named_after("`device.setUrl([urls])`")), named_after("Setting up")
    (['device.seturl', 'seturl'], frozenset())
    """
    bare = _ARGUMENTS.sub("", heading).strip(" `'\"<>:")
    return frozenset() if not bare or " " in bare else frozenset(_with_last_part(bare))


def _with_last_part(name: str) -> Iterator[str]:
    whole = name.lower().lstrip("-")
    parts = {whole, *_LAST_PART.findall(whole)}
    yield from (part for part in parts if len(part) >= _LEAST_LETTERS)


def looks_like_code(word: str) -> bool:
    """Whether a word is written the way code is: `useThing`, `some_name`, `--flag`, `a.b`, `config.js`, `@scope/x`."""
    inner = word.strip(".,;:!?()")
    return bool(_CODE.search(inner)) and len(inner) > 2


def _is_proper(word: str) -> bool:
    """A capital and more letters; `I'd` and single letters are not names."""
    return word[0].isupper() and len(word) > 1 and word[1].isalnum()
