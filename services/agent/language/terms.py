"""Words that carry meaning, for telling which sentence speaks about a question."""

import re

_WORD = re.compile(r"[\w$@][\w$@.\-/]*\w|\w", re.UNICODE)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

_STOP_WORDS_TEXT = """
a about above after again against all also am an and any anyone are as ask at be because been before being below
best between both but by can cannot could did do docs documentation does doesn doing don down during each every
few for from further get gets getting give given go going good got had has hasn have having he hello help here
hers hi him his how however i if in into is isn it its itself just know let like ll look looking make many may
maybe me might more most much must my myself need no nor not now of off on once one only or other our out over
own page please possible question really same say see seem should show so some something still such sure take
tell than thank thanks that the their them then there these they thing things this those through to too trying
under until up us use used using ve very want was way we well were what when where which while who why will with
without won work works would yes you your yours there's what's it's i'm don't der die das ein eine und oder wie
was ist ich kann man mit für auf im in den dem zu von es sich nicht le la les un une des et ou comment est je
peux avec pour sur dans du de que qui quoi ne pas el los las una y o como es puedo con para en del qué cómo il
lo gli e come posso per di che
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())


def terms(text: str) -> list[str]:
    """Stemmed words that carry meaning, in order; identifiers whole and in parts, CJK text in pairs."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if _CJK.search(word):
            found.extend(word[at : at + 2] for at in range(max(1, len(word) - 1)))
            continue
        lowered = word.lower().strip(".-/")
        if lowered in STOP_WORDS or len(lowered) < 2:
            continue
        found.append(stem(lowered))
        if len(parts := _PARTS.findall(word)) > 1:
            found.extend(stem(part.lower()) for part in parts if part.lower() not in STOP_WORDS and len(part) > 1)
    return found


def stem(word: str) -> str:
    """A word without its commonest English endings; crude, but the same for question and text."""
    for ending, least in (("ations", 5), ("ation", 5), ("ingly", 4), ("ings", 4), ("ing", 4), ("ies", 3), ("ied", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least - 1:
            return _trimmed(word[: -len(ending)])
    for ending in ("ers", "er", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return _trimmed(word[: -len(ending)])
    return _trimmed(word)


def looks_like_identifier(word: str) -> bool:
    """Whether a word is written the way code is: `useThing`, `some_name`, `--flag`, `a.b`, `config.js`, `@scope/x`."""
    inner = word.strip(".,;:!?()")
    return bool(re.search(r"[a-z][A-Z]|_|\w[./]\w|^--?\w|^@|\d\w*[A-Za-z]|\(\)$", inner)) and len(inner) > 2


def _trimmed(stemmed: str) -> str:
    if len(stemmed) > 3 and stemmed[-1] == stemmed[-2] and stemmed[-1] not in "lsz":
        stemmed = stemmed[:-1]
    return stemmed[:-1] if len(stemmed) > 3 and stemmed[-1] in "eiy" else stemmed
