"""What can be told of a shown answer by a program: machinery, the prompt's own words, loops, citations, language."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from docs_chat.agent.v1 import turn_events_pb2 as events

from services.language.detection import detect_language
from services.language.markdown import code_parts
from services.language.sentences import cut_sentences

_MACHINERY = re.compile(
    r"<[|｜]|[|｜]>|◁|▷"
    r"|</?(?:think|thinking|thought|tool_call|function_calls?|invoke|passage|selected_text|reader_page|question|start_of_turn|"
    r"end_of_turn|assistant|s)\b[^<>]*>"
    r"|<</?SYS>>|\[/?(?:INST|THINK|TOOL_CALLS|SYSTEM_PROMPT)\]"
    r"|\bassistant ?final\b|\{\s*\"name\":\s*\"\w+\",\s*\"(?:arguments|parameters)\""
    r"|^\s*(?:assistant|user|system|model|human)\s*(?::|$)",
    re.IGNORECASE | re.MULTILINE,
)
_RAW_MARK = re.compile(r"[\[［【(<]\s*(?:\^|citation:|source |passage )?\d{1,2}\s*[\]］】)>](?!\()", re.IGNORECASE)
_CODE_SPAN = re.compile(r"(`+).+?\1", re.DOTALL)
_SHORTEST_ECHO = 60
"""Characters of the prompt that nobody writes by chance."""
_SHORTEST_SENTENCE = 20
_SOURCES = {
    events.ANSWER_SOURCE_MODEL: "model",
    events.ANSWER_SOURCE_CACHE: "model",
    events.ANSWER_SOURCE_EXTRACTIVE: "quotations",
    events.ANSWER_SOURCE_NOT_COVERED: "refused",
    events.ANSWER_SOURCE_SMALL_TALK: "small talk",
}


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One answer as its reader got it."""

    answered_by: str
    """`model`, `quotations`, `refused`, `small talk`, or `broke off`."""
    machinery: bool
    """Whether a control token, a thought, a tool call or a role shows."""
    echo: bool
    """Whether it repeats the rules that stand in the prompt."""
    loop: int
    """Most often that one of its sentences stands in it; 0 or 1 is none at all."""
    marks: int
    """Citations."""
    marks_found: int
    """Those that lead to a page and a heading of the index."""
    raw_marks: int
    """Marks that stayed text."""
    language: str
    """Code; empty where the text does not tell."""


def judge(text: str, completed: events.TurnCompleted | None, *, rules: str, addresses: Collection[str]) -> ShownAnswer:
    """What a program can tell of an answer.

    Args:
        text: What was shown.
        completed: The end of the turn; None if there was none.
        rules: The model's instructions.
        addresses: Everything that can be cited: pages, with and without the ids of their headings.
    """
    prose = _CODE_SPAN.sub(" ", "".join(part for part, is_code in code_parts(text) if not is_code))
    citations = completed.citations if completed else []
    return ShownAnswer(
        answered_by=_SOURCES.get(completed.source, "unknown") if completed else "broke off",
        machinery=bool(_MACHINERY.search(prose)),
        echo=_echoes(text, rules),
        loop=_repeats(prose),
        marks=len(citations),
        marks_found=sum(citation.uri in addresses for citation in citations),
        raw_marks=len(_RAW_MARK.findall(prose)),
        language=detect_language(text),
    )


def _echoes(text: str, rules: str) -> bool:
    said, told = (" ".join(each.lower().split()) for each in (text, rules))
    windows = range(0, len(told) - _SHORTEST_ECHO, _SHORTEST_ECHO // 3)
    return any(told[at : at + _SHORTEST_ECHO * 2 // 3] in said for at in windows)


def _repeats(prose: str) -> int:
    sentences = [sentence.strip().lower() for sentence in cut_sentences(prose)]
    return max((sentences.count(each) for each in sentences if len(each) >= _SHORTEST_SENTENCE), default=0)
