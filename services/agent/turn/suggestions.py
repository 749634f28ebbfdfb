"""Questions a reader may ask next, from headings near the answer or from the site's pages; no model request.

A heading is offered only where it is a question already, or becomes one by a rule of its language: "How to deploy",
"Installer le widget". No question is better than one that nobody would ask, so all other headings are left alone.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from docs_chat.retriever.v1.documents_pb2 import DocumentKind, DocumentSummary
from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.evidence import Evidence
from services.language.locales import primary_language
from services.language.terms import terms

MAX_SUGGESTIONS = 3
_MIN_CHARS = 6
_MAX_CHARS = 90
_QUESTION = re.compile("[?\uff1f\u061f\u037e]$")
"""Ends with the question mark of any script: Latin, full-width, Arabic, Greek."""
_IDLE = re.compile(
    r"^(?:what(?:’s|'s| is)? next|what now|where to go from here|(?:got |have |any |more )*questions?|ready(?: to .*)?"
    r"|need (?:more )?help|still (?:stuck|have questions)|anything else|why|how|was nun|et (?:ensuite|maintenant)"
    r"|des questions|besoin d.aide|fragen|y ahora qué|¿?(?:y )?ahora qué|e agora|e adesso)\W*$",
    re.IGNORECASE,
)

# What is done to a definite thing: "the panel", "your site"; without one a verb may be a noun ("Test results").
_DETERMINED = r"(?=(?:a|an|the|your|my|multiple|several|custom|new|to|from|with|into|up|out)\b)"
_VERBS = (
    r"(?:install|uninstall|configure|enable|disable|migrate|upgrade|customi[sz]e)\s+(?=\S)"
    r"|(?:add|build|change|connect|create|debug|delete|deploy|edit|embed|export|extend|import|index|integrate|monitor"
    rf"|publish|query|remove|replace|restore|run|secure|serve|set up|set|share|start|stop|test|translate|update|use"
    rf"|write)\s+{_DETERMINED}"
)
_ARTICLE_FR = r"(?:le|la|les|un|une|votre|vos|son|ses)\b|l['’]"
_ARTICLE_ES = r"(?:el|la|los|las|un|una|unos|unas|su|sus|tu|tus)\b"
_ARTICLE_PT = r"(?:o|a|os|as|um|uma|seu|sua|seus|suas)\b"
_ARTICLE_IT = r"(?:il|lo|la|i|gli|le|un|uno|una)\b|l['’]|un['’]"

# Of each language: headings that its rules understand, and the question each becomes.
_RULES: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    language: tuple((re.compile(heading, re.IGNORECASE), question) for heading, question in rules)
    for language, rules in {
        "en": (
            (r"how to (?P<rest>.+)", "How do I {rest}?"),
            (r"(?P<rest>(?:how|where|when) (?:do|does|can|should) .+|why (?:do|does|is|are) .+)", "{rest}?"),
            (r"how (?P<rest>.+) works", "How does {rest} work?"),
            (r"how (?P<rest>.+) work", "How do {rest} work?"),
            (r"(?P<rest>wh(?:at|ich) (?:is|are|does|can) .+)", "{rest}?"),
            (rf"(?P<rest>(?:{_VERBS}).+)", "How do I {rest}?"),
        ),
        "fr": (
            (r"(?P<rest>(?:comment|pourquoi|qu['’]est-ce que?) .+)", "{rest} ?"),
            (rf"(?P<rest>\w+(?:er|ir|re) (?:{_ARTICLE_FR}).+)", "Comment {rest} ?"),
        ),
        "es": (
            (r"¿?(?P<rest>(?:cómo|por qué|qué es|qué son) .+)", "¿{rest}?"),
            (rf"(?P<rest>\w+[aei]r (?:{_ARTICLE_ES}).+)", "¿Cómo {rest}?"),
        ),
        "pt": (
            (r"(?P<rest>(?:como|por que|o que é|o que são) .+)", "{rest}?"),
            (rf"(?P<rest>\w+[aei]r (?:{_ARTICLE_PT}).+)", "Como {rest}?"),
        ),
        "it": (
            (r"(?P<rest>(?:come|perché|che cos['’]è) .+)", "{rest}?"),
            (rf"(?P<rest>\w+[aei]re (?:{_ARTICLE_IT}).+)", "Come {rest}?"),
        ),
        "de": (
            (r"(?P<rest>(?:wie|warum|wann|wo) \w+ (?:ich|man|wir) .+|was (?:ist|sind) .+)", "{rest}?"),
            (r"(?P<rest>(?:das|die|den|ein|eine|einen|eigene|mehrere) .+ (?-i:[a-zäöü]+(?:en|ern|eln)))",
             "Wie kann ich {rest}?"),
        ),
    }.items()
}  # fmt: skip


def suggest_questions(question: str, evidence: Evidence, cited: set[str], language: str) -> list[str]:
    """At most `MAX_SUGGESTIONS` questions that the site answers, in the language of its pages.

    Args:
        question: What was asked just now.
        evidence: What was found; passages that were not cited come first.
        cited: Addresses of the passages the answer rests on.
        language: Code of the language of the answer, taken for that of a page that names none.
    """
    asked = set(terms(question))
    by_news = sorted(evidence.passages, key=lambda passage: passage.uri in cited)
    questions = (_question_of(passage, language) for passage in by_news)
    return _first(suggestion for suggestion in questions if not set(terms(suggestion)) <= asked)


def questions_of_site(pages: Sequence[DocumentSummary], language: str) -> list[str]:
    """At most `MAX_SUGGESTIONS` questions to begin with, from titles of pages.

    Those of pages nearest to the root of the site come first, of a level those of the longest: a site says first and
    at length what most readers want to know.
    """
    docs = sorted((page for page in pages if page.kind == DocumentKind.DOCUMENT_KIND_DOC), key=_rank)
    return _first(_as_question(page.title, primary_language(page.locale) or language) for page in docs)


def _rank(page: DocumentSummary) -> tuple[int, int]:
    return urlsplit(page.uri).path.strip("/").count("/"), -page.chunk_count


def _first(suggestions: Iterable[str]) -> list[str]:
    """The first ones, without empty ones and repetitions."""
    kept: dict[str, str] = {}
    for suggestion in suggestions:
        if suggestion:
            kept.setdefault(suggestion.casefold(), suggestion)
        if len(kept) == MAX_SUGGESTIONS:
            break
    return list(kept.values())


def _question_of(passage: Passage, language: str) -> str:
    """What the nearest heading asks that asks something; empty when none does."""
    own_language = primary_language(passage.locale) or language
    headings = reversed([passage.title, *passage.heading_path])
    return next(filter(None, (_as_question(heading, own_language) for heading in headings)), "")


def _as_question(heading: str, language: str) -> str:
    """The question that a heading is, or becomes by a rule of its language; empty for all others."""
    plain = re.sub(r"^[\d.]+\s+|[`*_]", "", heading).strip()
    if len(plain) > _MAX_CHARS or plain.endswith(("!", "…")) or _IDLE.match(plain):
        return ""
    if _QUESTION.search(plain):
        return plain if terms(plain) and len(plain) >= _MIN_CHARS else ""
    bare = plain.rstrip(".:")
    for pattern, question in _RULES.get(language, ()):
        if match := pattern.fullmatch(bare):
            return _put(match["rest"], question)
    return ""


def _put(rest: str, question: str) -> str:
    """Part of a heading put into a question, in the words of the one who asks."""
    if question.lstrip("¿").startswith("{"):
        return question.format(rest=rest)
    if question.startswith("How do I "):
        rest = re.sub(r"\byour\b", "my", rest, flags=re.IGNORECASE)
    first, *others = rest.split(" ", 1)
    # A verb in capitals, or a name such as "iOS", is written so everywhere.
    if first[1:] == first[1:].lower():
        first = first.lower()
    return question.format(rest=" ".join([first, *others]))
