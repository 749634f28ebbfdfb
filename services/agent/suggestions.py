"""Questions a reader may ask next, from headings near the answer; no model request."""

import re

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.evidence import Evidence
from services.agent.text.terms import terms

MAX_SUGGESTIONS = 3
_HOW_TO = re.compile(r"^how to\s+", re.IGNORECASE)
_QUESTION = re.compile(r"^(?:how|what|why|when|where|which|who|can|is|are|does|do|should)\b.*\?$", re.IGNORECASE)
_TOO_GENERAL_TEXT = """
overview introduction summary example examples usage notes see also next steps further reading conclusion api
reference parameters returns options installation prerequisites tips faq arguments information links
resources basics final thoughts
"""
_TOO_GENERAL = frozenset(_TOO_GENERAL_TEXT.split())


def suggest_questions(question: str, evidence: Evidence, cited: set[str], language: str) -> list[str]:
    """At most `MAX_SUGGESTIONS` questions that the site answers.

    Args:
        question: What was asked just now.
        evidence: What was found; passages that were not cited come first.
        cited: Addresses of the passages the answer rests on.
        language: Code of the language of the answer.
    """
    asked = set(terms(question))
    suggestions: list[str] = []
    for passage in sorted(evidence.passages, key=lambda passage: passage.uri in cited):
        if passage.locale and passage.locale.split("-")[0] != language and language != "en":
            continue
        subject = _subject(passage)
        if not subject or set(terms(subject)) <= asked:
            continue
        suggestion = _as_question(subject, passage, language)
        if suggestion not in suggestions:
            suggestions.append(suggestion)
        if len(suggestions) == MAX_SUGGESTIONS:
            break
    return suggestions


def _subject(passage: Passage) -> str:
    """The nearest heading that says something of its own."""
    for heading in reversed([passage.title, *passage.heading_path]):
        plain = re.sub(r"[`*_]", "", heading).strip()
        words = plain.lower().split()
        if plain and not all(word.strip(":.,") in _TOO_GENERAL for word in words) and len(plain) <= 80:
            return plain
    return ""


def _as_question(subject: str, passage: Passage, language: str) -> str:
    if _QUESTION.match(subject):
        return subject
    if language != "en":
        return subject if subject == passage.title else f"{passage.title}: {subject}"
    if _HOW_TO.match(subject):
        return _HOW_TO.sub("How do I ", subject).rstrip(".?") + "?"
    about = subject if subject == passage.title else f"“{subject}” in {passage.title}"
    return f"What do the docs say about {about}?"
