"""Questions a reader may ask next, from headings near the answer or from the site's pages; no model request."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from docs_chat.retriever.v1.documents_pb2 import DocumentKind, DocumentSummary
from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.evidence import Evidence
from services.language.locales import primary_language
from services.language.terms import terms

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
        if passage.locale and primary_language(passage.locale) != language and language != "en":
            continue
        subject = _subject(passage)
        if not subject or set(terms(subject)) <= asked:
            continue
        suggestion = _as_question(subject, passage.title, language)
        if suggestion not in suggestions:
            suggestions.append(suggestion)
        if len(suggestions) == MAX_SUGGESTIONS:
            break
    return suggestions


def questions_of_site(pages: Sequence[DocumentSummary], language: str) -> list[str]:
    """At most `MAX_SUGGESTIONS` questions to begin with, from titles of pages.

    Pages that are questions or how-tos themselves come first, then those nearest to the root of the site, the longest
    of a level first: a site says first and at length what most readers want to know.
    """
    subjects = {
        subject: page
        for page in pages
        if page.kind == DocumentKind.DOCUMENT_KIND_DOC and (subject := _telling(page.title))
    }
    ranked = sorted(subjects, key=lambda subject: _rank(subject, subjects[subject]))
    return [_as_question(subject, subject, language) for subject in ranked[:MAX_SUGGESTIONS]]


def _rank(subject: str, page: DocumentSummary) -> tuple[bool, int, int]:
    asks = bool(_QUESTION.match(subject) or _HOW_TO.match(subject))
    return not asks, urlsplit(page.uri).path.strip("/").count("/"), -page.chunk_count


def _subject(passage: Passage) -> str:
    """The nearest heading that says something of its own."""
    return next(filter(None, map(_telling, reversed([passage.title, *passage.heading_path]))), "")


def _telling(heading: str) -> str:
    """A heading as plain text; empty when every page could have it, or when it is too long for a question."""
    plain = re.sub(r"[`*_]", "", heading).strip()
    words = plain.lower().split()
    return plain if not all(word.strip(":.,") in _TOO_GENERAL for word in words) and len(plain) <= 80 else ""


def _as_question(subject: str, title: str, language: str) -> str:
    if _QUESTION.match(subject):
        return subject
    if language != "en":
        return subject if subject == title else f"{title}: {subject}"
    if _HOW_TO.match(subject):
        return _HOW_TO.sub("How do I ", subject).rstrip(".?") + "?"
    about = f"“{subject}”" if subject == title else f"“{subject}” in {title}"
    return f"What do the docs say about {about}?"
