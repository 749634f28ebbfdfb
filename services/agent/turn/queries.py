"""What to search for, built from the conversation without a model.

A message that stands alone is searched as it is. One that leans on what was said before ("and in v2?", "how do I turn
that off?") gets a second query that carries the subject along; both are fused, so that a message taken for a leaning
one by mistake loses nothing but weight.
"""

import re
from dataclasses import dataclass

from services.agent.conversation import Message, TurnRequest
from services.agent.retriever_client import WeightedQuery
from services.language.names import looks_like_code, names_in
from services.language.terms import STOP_WORDS, terms

MAX_QUERY_CHARACTERS = 2_000
_SELECTED_CHARACTERS = 400
_SUBJECT_TERMS = 14
_OWN_TERMS = 8
"""Words of its own with which a message stands alone although it says "it"; chosen on two sites' real follow-ups."""

_LEANING_START = re.compile(
    r"^\s*(?:and|but|or|so|then|also|what about|how about|what if|why not|why|same|instead|else|ok(?:ay)?|thanks?|hm+|"
    r"in that case|und|aber|oder|et|mais|y|pero|e|o)\b",
    re.IGNORECASE,
)
# "it" that stands for nothing: "is it possible", "it seems", "does it make sense".
_EMPTY_IT = re.compile(
    r"\b(?:is|was|would|does|will|could|can)\s+it\s+(?:possible|necessary|ok(?:ay)?|fine|safe|better|recommended|"
    r"required|make sense|bad|good|mean|matter)\b"
    r"|\bit(?:'s| is| seems| looks| would be| was| turns out| depends)\s+(?:possible|like|as if|that|to|better|best|"
    r"necessary|recommended)\b|\bthat(?:'s| is) to say\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|those|these|ones|there|such|former|latter|both|either|neither|another one|"
    r"the others?|the other one|the two|es|das|dies|damit|davon|dafür|ça|cela|eso|esto|isso)\b"
    r"|\bone\b(?=\s*(?:[?.!,;]|$|\b(?:of|is|are|was|out|for|wins?|in|from|to|with|without|instead|again)\b))",
    re.IGNORECASE,
)
# "that" and "this" only where they point: before a verb, a preposition or the end, not "that" before a clause.
_THIS_THAT = re.compile(
    r"\b(?:this|that|thing|approach|case|way|option|same)\b(?=\s*(?:[?.!,;]|$|\b(?:is|was|does|do|did|be|will|would|should|can|could|"
    r"from|to|in|on|at|for|with|without|when|if|off|out|up|work|works|happen\w*|mean|means|one|way|case|and|or|instead|too|"
    r"also|automatically|still|anyway)\b))|\b(?:do|does|did|about|of|than|like|with|without|stop|avoid|disable|enable|change|use|for|from|to|"
    r"after|before)\s+(?:this|that)\b",
    re.IGNORECASE,
)
_THIS_PAGE = re.compile(
    r"\b(?:this|the current|that)\s+(?:page|article|section|document|guide|tutorial|post)\b|\bhere\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What to ask the retriever."""

    queries: tuple[WeightedQuery, ...]
    about_page: bool
    """The message is about the page the reader is on."""

    @property
    def subject(self) -> str:
        """The question with the subject it leans on, in words: what an extractive answer looks for."""
        return " ".join(dict.fromkeys(query.text for query in self.queries))


def plan_search(request: TurnRequest) -> SearchPlan:
    """Queries for the last message of a conversation, one to four."""
    question = request.question[:MAX_QUERY_CHARACTERS]
    about_page = bool(request.page_uri and _THIS_PAGE.search(question))
    queries = [WeightedQuery(question)]
    if request.history and leans_on_the_past(question) and (subject := _subject(request.history)):
        queries = [WeightedQuery(question), WeightedQuery(f"{subject} {question}"[:MAX_QUERY_CHARACTERS])]
    if request.selected_text:
        queries.append(WeightedQuery(f"{question} {request.selected_text[:_SELECTED_CHARACTERS]}", 1.0))
    if about_page and request.page_title:
        queries.append(WeightedQuery(f"{request.page_title} {question}"[:MAX_QUERY_CHARACTERS], 1.0))
    return SearchPlan(tuple(queries[:4]), about_page)


def leans_on_the_past(question: str) -> bool:
    """Whether a message can only be understood with what was said before it.

    A long message with words of its own stands alone even if it says "it" somewhere: the pronoun then points at
    something within the message.
    """
    without_empty = _EMPTY_IT.sub(" ", question)
    own_terms = len(set(terms(without_empty)))
    if _LEANING_START.match(question) and own_terms <= _OWN_TERMS:
        return True
    if _POINTING.search(without_empty) or _THIS_THAT.search(without_empty):
        return own_terms + 2 * len(names_in(without_empty)) <= _OWN_TERMS
    # A product does not make a short message stand alone ("possible without Docker?"), an identifier does.
    return own_terms <= 2 and not any(map(looks_like_code, without_empty.split()))


def _subject(history: tuple[Message, ...]) -> str:
    """The words of the readers' last messages that name what is talked about, the latest subject first."""
    earlier = [message.text for message in history if message.from_reader]
    if not earlier:
        return ""
    chosen = [earlier[-1]]
    # A chain of leaning messages has its subject further back: "createSlice?" "and types?" "and without it?"
    for text in reversed(earlier[:-1]):
        if not leans_on_the_past(chosen[-1]):
            break
        chosen.append(text)
    words: list[str] = []
    for text in chosen[:3]:
        words.extend(_telling_words(text))
    return " ".join(list(dict.fromkeys(words))[:_SUBJECT_TERMS])


def _telling_words(text: str) -> list[str]:
    """Words that name things, in order, identifiers as they are written."""
    words = [word.strip(".,;:!?()[]{}\"'`*") for word in text.split()]
    return [word for word in words if len(word) > 1 and word.lower() not in STOP_WORDS]
