"""Takes away lists of sources that models write below their answer: whole, or not at all.

The reader has the sources already, as citations. A list is a heading such as `Sources:` with entries, footnotes
(`[^1]: …`), or lines that begin with marks; it counts only at the end of the answer.
"""

import re
from dataclasses import dataclass

from services.language.markdown import opening_fence

_HEADINGS_TEXT = """
source sources reference references citation citations footnotes quelle quellen quellenangaben belege références
référence fuentes fuente referencias referencia fontes fonte referências fonti riferimenti bronnen kaynaklar źródła
источники источник ссылки 来源 参考 参考资料 参考来源 引用 出处 出典 参考文献 参照 情報源 출처 참고 المصادر مراجع
"""
_HEADINGS = frozenset(_HEADINGS_TEXT.split())
_HEADING = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]+)?[*_]{0,3}([^\W\d_]{2,14})[*_]{0,3}[ \t]*[:：]?[ \t]*[*_]{0,3}[ \t]*[:：]?[ \t]*(.*)"
)
_HEADING_PARTIAL = re.compile(r"[ \t]*(?:#{1,6}[ \t]*)?[*_]{0,3}([^\W\d_]{0,14})[*_:： \t]*")
_FOOTNOTE = re.compile(r"[ \t]*(?:[-*+][ \t]+)?[\[［【]\^?\d{1,2}[\]］】][ \t]*[:：]")
_MARKED_LINE = re.compile(r"[ \t]*(?:[-*+][ \t]+)?[\[［【]\^?\d{1,2}[\]］】]")
_MARKED_PARTIAL = re.compile(r"[ \t]*(?:[-*+][ \t]*)?(?:[\[［【]\^?\d{0,2}[\]］】]?)?")
_ENTRY = re.compile(r"[ \t]*(?:[-*+•・]|\d{1,2}[.)]|[\[［【(]|https?://|<https?://)|[ \t]{2,}\S")
_MARK = re.compile(r"[\[［【]\^?\d{1,2}[\]］】]")
_FENCE_PARTIAL = re.compile(r"[ \t>]*[`~]{0,2}")
_LONGEST_ENTRY = 400
_LONGEST_LIST = 6000


@dataclass(slots=True)
class SourceList:
    """Lets an answer through line by line, and holds back what may be its list of sources."""

    _line: str = ""
    """What has come of this line and is undecided."""
    _passing: bool = False
    """This line is not part of a list, so the rest of it goes through."""
    _held: str = ""
    _with_heading: bool = False
    _in_fence: bool = False
    _cited: bool = False
    _after_blank: bool = True
    _tail: str = ""

    def feed(self, delta: str) -> str:
        """What goes on to the reader."""
        return "".join(self._read(piece) for piece in re.split(r"(?<=\n)", delta) if piece)

    def finish(self) -> str:
        """What was held back and is not a list."""
        line, self._line = self._line, ""
        out = self._judge(line) if line else ""
        self._held = ""
        return out

    def _read(self, piece: str) -> str:
        self._line += piece
        whole = self._line.endswith("\n")
        if not whole and not self._passing and _FENCE_PARTIAL.fullmatch(self._line):
            return ""
        if self._passing or self._in_fence or opening_fence(self._line):
            return self._pass(whole=whole)
        if whole or len(self._line) > _LONGEST_ENTRY:
            return self._judge_line()
        return "" if self._held or self._may_begin(self._line) else self._pass(whole=False)

    def _judge_line(self) -> str:
        line, self._line = self._line, ""
        return self._judge(line)

    def _judge(self, line: str) -> str:
        """A whole line, or one that is longer than any entry."""
        if self._held:
            if not line.strip() or (len(line) <= _LONGEST_ENTRY and self._goes_on(line)):
                self._held += line
                return self._release() if len(self._held) > _LONGEST_LIST else ""
            return self._release() + self._judge(line)
        if len(line) <= _LONGEST_ENTRY and self._begins(line):
            self._held, self._with_heading = line, not _MARKED_LINE.match(line)
            return ""
        self._line = line
        return self._pass(whole=line.endswith("\n"))

    def _begins(self, line: str) -> bool:
        if _FOOTNOTE.match(line):
            return True
        if _MARKED_LINE.match(line):
            return self._cited and self._after_blank
        heading = _HEADING.match(line.rstrip())
        if heading is None or heading[1].lower() not in _HEADINGS:
            return False
        marked_as_heading = bool(re.match(r"[ \t]*(?:#|[*_]{2})", line)) or ":" in line or "：" in line
        return marked_as_heading and (not heading[2].strip() or bool(re.search(r"\d|https?://|\]\(", heading[2])))

    def _goes_on(self, line: str) -> bool:
        return bool(_MARKED_LINE.match(line) or (self._with_heading and _ENTRY.match(line)) or _begins_indented(line))

    def _may_begin(self, line: str) -> bool:
        if _MARKED_PARTIAL.fullmatch(line) or _FOOTNOTE.match(line):
            return True
        if _MARKED_LINE.match(line):
            return self._cited and self._after_blank
        partial = _HEADING_PARTIAL.fullmatch(line)
        if partial is not None:
            word = partial[1].lower()
            return any(heading.startswith(word) for heading in _HEADINGS)
        heading = _HEADING.match(line)
        return bool(
            heading and heading[1].lower() in _HEADINGS and re.search(r"[:：]", line[: line.find(heading[1]) + 20])
        )

    def _release(self) -> str:
        held, self._held = self._held, ""
        self._note(held)
        return held

    def _pass(self, *, whole: bool) -> str:
        out, self._line = self._line, ""
        if opening_fence(out) and not self._passing:
            self._in_fence = not self._in_fence
        self._passing = not whole
        self._note(out)
        return out

    def _note(self, text: str) -> None:
        self._tail = (self._tail + text)[-80:]
        self._cited = self._cited or (not self._in_fence and bool(_MARK.search(self._tail)))
        self._after_blank = self._tail.endswith("\n\n") or not self._tail.strip()


def _begins_indented(line: str) -> bool:
    return line.startswith(("  ", "\t"))
