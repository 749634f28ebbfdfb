"""Citation marks in the spellings of models: `[1]` is asked for; `［1］`, `<cite>1</cite>`, `¹` or `(Source 1)` come.

A spelling counts only where it can be nothing but a mark: an exponent, an item of a list and an argument are not.
"""

import re
from dataclasses import dataclass

from services.agent.answer.brackets import Undecided

_WORDS_TEXT = """
source sources passage passages doc docs document documents ref refs reference references cite cites citation citations
footnote footnotes note fn see cf context snippet number no nr id
quelle quellen fundstelle beleg abschnitt textstelle siehe passagen
extrait extraits réf voir fuente fuentes pasaje pasajes cita citas véase fonte fontes fonti trecho trechos passagem
citação passaggio passaggi citazione bron bronnen kaynak kaynaklar źródło źródła
источник источники отрывок отрывки пассаж см ссылка
来源 出处 引用 段落 参考 文档 资料 見 见 出典 資料 パッセージ 参照 출처 인용 참고 문서 구절
المصدر مصدر المرجع
"""
_WORDS = frozenset(_WORDS_TEXT.split())
"""What may stand before the number, in the languages of readers."""
_WORD = "(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_JOINING = frozenset(("and", "und", "et", "ve"))
LABEL = rf"(?:{_WORD}[\s:：.#_=\"'-]*){{0,2}}"
_SEPARATOR = r"(?:,|，|、|;|；|&|and|und|et|y|e|и|和|と|및|ve|i|-|–|—|~|〜)"
NUMBERS = rf"[#^]?\d{{1,2}}(?:\s*{_SEPARATOR}\s*(?:{LABEL})[#^]?\d{{1,2}})*"
_RANGE = re.compile(r"(\d{1,2})\s*[-–—~〜]\s*\D{0,12}?(\d{1,2})")

SQUARE_LABEL = re.compile(rf"\^?\s*{LABEL}({NUMBERS})[\^\"']?", re.IGNORECASE)
"""The whole label of a mark in square brackets."""
_WIDE = re.compile(
    rf"[［【〔⟦]\s*{LABEL}({NUMBERS})(?::\d{{1,3}})?(?:†[^\]］】〕⟧\n]{{0,40}})?\s*[\]］】〕⟧]", re.IGNORECASE
)
_TAG_NAMES = "cite|citation|ref|reference|source|footnote|fn|doc|document|sup"
_ATTRIBUTE = re.compile(rf"[\w-]{{1,20}}=[\"']?(?:\w{{1,12}}[-_])?({NUMBERS})[\"']?")
_TAGGED = re.compile(
    rf"<({_TAG_NAMES})(?:\s[^<>\n]{{0,60}})?>\s*[\[(［^]?\s*{LABEL}({NUMBERS})\s*[\])］]?\s*</\1>", re.IGNORECASE
)
_EMPTY_TAG = re.compile(
    rf"<({_TAG_NAMES.removesuffix('|sup')})\s+[\w-]{{1,12}}=[\"']?({NUMBERS})[\"']?\s*(?:/>|>[ \t]*</\1>)",
    re.IGNORECASE,
)
_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}(?:[\s,˒⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})*")
_PARENTHESES = re.compile(rf"[(（]\s*({LABEL})[\[［]?\s*({NUMBERS})\s*[\]］]?\s*[)）]", re.IGNORECASE)
_BARE = re.compile(r"\d{1,2}")

MARK_STARTS = "［【〔⟦<(（⁰¹²³⁴⁵⁶⁷⁸⁹"
"""Characters that begin a mark other than `[`; a bare number begins with a digit."""
_LONGEST = 60
_TAG_PARTIAL = re.compile(
    rf"<(?:[a-z]{{0,9}}|(?:{_TAG_NAMES})(?:\s[^<>\n]{{0,60}})?(?:/|>[^<>\n]{{0,20}}(?:</?[a-z]{{0,9}})?)?)",
    re.IGNORECASE,
)
_WORDS_PARTIAL = re.compile(r"[\s:：.#_^\[［,，、;；&†–—-]*(?:[^\W_]+[\s:：.#_^\[［,，、;；&†–—-]*){0,6}[\]］]?\s*")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SENTENCE_ENDS = ".,;:!?。，！？；"


@dataclass(frozen=True, slots=True)
class WrittenMark:
    """A mark as it was written."""

    numbers: tuple[int, ...]
    length: int
    """Characters."""


def read_mark(raw: str, *, tail: str, final: bool) -> WrittenMark | None:
    """The mark at the beginning of a text; None when none stands there.

    Args:
        raw: The text, beginning with one of `MARK_STARTS` or a digit.
        tail: What stands before it, blanks included.
        final: Nothing follows.

    Raises:
        Undecided: If more text is needed to tell; never when `final`.
    """
    match raw[0]:
        case "［" | "【" | "〔" | "⟦":
            return _in_brackets(raw, final=final)
        case "<":
            return _in_tags(raw, tail, final=final)
        case "(" | "（":
            return _in_parentheses(raw, tail, final=final)
    if raw[0].isdecimal():
        return _bare(raw, tail, final=final)
    return _raised(raw, tail, final=final)


def numbers_around(tag: str) -> tuple[int, ...] | None:
    """What a tag around cited words cites, as in `<cite index="1">Run it</cite>`; None when it is no such tag."""
    found = re.match(rf"</?({_TAG_NAMES.removesuffix('|sup')})\b([^<>]*)>", tag, re.IGNORECASE)
    if found is None:
        return None
    attribute = _ATTRIBUTE.search(found[2])
    return numbers_of(attribute[1]) if attribute else ()


def numbers_of(text: str) -> tuple[int, ...]:
    """`1, 3-5` as (1, 3, 4, 5)."""
    spread = _RANGE.sub(lambda found: ",".join(map(str, range(int(found[1]), int(found[2]) + 1))), text)
    return tuple(int(number) for number in re.findall(r"\d{1,2}", spread))


def _in_brackets(raw: str, *, final: bool) -> WrittenMark | None:
    if found := _WIDE.match(raw):
        return WrittenMark(numbers_of(found[1]), found.end())
    _wait_for_end(raw, "]］】〕⟧", final=final)
    return None


def _in_tags(raw: str, tail: str, *, final: bool) -> WrittenMark | None:
    found = _TAGGED.match(raw) or _EMPTY_TAG.match(raw)
    if found is None:
        if not final and len(raw) < 2 * _LONGEST and _TAG_PARTIAL.fullmatch(raw):
            raise Undecided
        return None
    if found[1].lower() == "sup" and may_be_exponent(tail):
        return None
    return WrittenMark(numbers_of(found[2]), found.end())


def _in_parentheses(raw: str, tail: str, *, final: bool) -> WrittenMark | None:
    found = _PARENTHESES.match(raw)
    if found is None:
        _wait_for_end(raw, ")）", final=final)
        return None
    if found[1] or "[" in found.group():
        return WrittenMark(numbers_of(found[2]), found.end())
    if found.end() == len(raw) and not final:
        raise Undecided
    follows = raw[found.end() : found.end() + 1]
    stands_alone = tail[-1:].isspace() and tail.rstrip(" ")[-1:] not in ("", "\n") and tail.strip()[-1:] not in ".:;!?"
    ends_sentence = follows in ("", "\n") or follows in _SENTENCE_ENDS
    return WrittenMark(numbers_of(found[2]), found.end()) if stands_alone and ends_sentence else None


def _raised(raw: str, tail: str, *, final: bool) -> WrittenMark | None:
    found = _RAISED.match(raw)
    if found is None:
        return None
    if found.end() == len(raw) and not final:
        raise Undecided
    if may_be_exponent(tail):
        return None
    return WrittenMark(numbers_of(found.group().translate(_DIGITS)), found.end())


def _bare(raw: str, tail: str, *, final: bool) -> WrittenMark | None:
    """A number between a piece of code and the end of its sentence, or behind the end of a sentence."""
    number = _BARE.match(raw)
    if number is None or not tail.strip():
        return None
    after_code = tail.endswith("` ")
    after_sentence = bool(re.search(r"[^\W\d]{3}[.!?] $|[`)\"”»][.!?]$", tail))
    if not (after_code or after_sentence):
        return None
    end = number.end()
    if len(raw) < end + 2 and not final:
        raise Undecided
    follows = raw[end : end + 2]
    ends_line = follows[:1] in ("", "\n")
    ends_sentence = after_code and follows[:1] in ".!?" and follows[1:2] in ("", " ", "\n")
    return WrittenMark((int(number.group()),), end) if ends_line or ends_sentence else None


def may_be_exponent(tail: str) -> bool:
    """`x²`, `10⁶`, `f(x)²`: what is raised belongs to what it touches, unless that is a word or ends a sentence."""
    touched = re.search(r"\S+$", tail)
    if touched is None:
        return False
    return not re.search(r"[^\W\d_]{3}$|[`.!?,;:。！？、\"”»']$", touched.group())


def _wait_for_end(raw: str, closing: str, *, final: bool) -> None:
    """Wait while words and numbers may still be the label of a mark."""
    if (
        final
        or len(raw) >= _LONGEST
        or any(char in closing for char in raw[1:])
        or not _WORDS_PARTIAL.fullmatch(raw[1:])
    ):
        return
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", raw)]
    *whole, last = words or [""]
    may_follow = _WORDS | _JOINING
    if may_follow.issuperset(whole) and any(word.startswith(last) for word in may_follow):
        raise Undecided
