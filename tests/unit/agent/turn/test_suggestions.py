"""Questions that are offered to a reader: short, real, in the language of the docs, or none."""

import pytest
from docs_chat.retriever.v1.documents_pb2 import DocumentKind, DocumentSummary
from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.evidence import Evidence
from services.agent.turn.suggestions import questions_of_site, suggest_questions


def at(title: str, *headings: str, locale: str = "en") -> Passage:
    return Passage(uri=f"u/{title}{headings}", title=title, heading_path=headings, locale=locale)


def offered(heading: str, locale: str = "en") -> list[str]:
    return suggest_questions("", Evidence([at(heading, locale=locale)]), set(), "en")


@pytest.mark.parametrize(
    ("heading", "locale", "question"),
    [
        ("Can I use my own model?", "en", "Can I use my own model?"),
        ("1. What is a `Chunk`?", "en", "What is a Chunk?"),
        ("What are citations", "en", "What are citations?"),
        ("How do I reset my password", "en", "How do I reset my password?"),
        ("How to deploy to GitHub Pages", "en", "How do I deploy to GitHub Pages?"),
        ("How To Deploy", "en", "How do I deploy?"),
        ("How search works", "en", "How does search work?"),
        ("How plugins work", "en", "How do plugins work?"),
        ("Index your site", "en", "How do I index my site?"),
        ("Add the panel to a page", "en", "How do I add the panel to a page?"),
        ("Deploy to Netlify", "en", "How do I deploy to Netlify?"),
        ("Install Docker", "en", "How do I install Docker?"),
        ("Pourquoi ma page manque-t-elle ?", "fr", "Pourquoi ma page manque-t-elle ?"),
        ("Configurer le widget", "fr", "Comment configurer le widget ?"),
        ("Comment réinitialiser mon mot de passe", "fr-CA", "Comment réinitialiser mon mot de passe ?"),
        ("Instalar el complemento", "es", "¿Cómo instalar el complemento?"),
        ("¿Qué es un fragmento?", "es", "¿Qué es un fragmento?"),
        ("Instalar o plugin", "pt-BR", "Como instalar o plugin?"),
        ("Installare il plugin", "it", "Come installare il plugin?"),
        ("Das Widget installieren", "de", "Wie kann ich das Widget installieren?"),
        ("Wie kann ich das Widget einbauen", "de", "Wie kann ich das Widget einbauen?"),
        ("如何安装插件？", "zh-CN", "如何安装插件？"),
    ],
)
def test_a_heading_that_asks_is_offered_as_a_question(heading: str, locale: str, question: str) -> None:
    assert offered(heading, locale) == [question]


@pytest.mark.parametrize(
    ("heading", "locale"),
    [
        ("Congratulations!", "en"),
        ("Configuration", "en"),
        ("Overview", "en"),
        ("Test results", "en"),
        ("Export formats", "en"),
        ("Create React App", "en"),
        ("How to use it all, step by step, from the very first page of the docs to the last one that is there", "en"),
        ("What's next?", "en"),
        ("What’s Next?", "en"),
        ("Need help?", "en"),
        ("Questions?", "en"),
        ("Ready to start?", "en"),
        ("Et ensuite ?", "fr"),
        ("Installer: les bases", "fr"),
        ("Die geteilten Antworten", "de"),
        ("Cahier des charges", "fr"),
        ("Sistema de archivos", "es"),
        ("---?", "en"),
        ("", "en"),
    ],
)
def test_a_heading_that_nobody_would_ask_is_not_offered(heading: str, locale: str) -> None:
    assert offered(heading, locale) == []


def test_the_nearest_heading_that_asks_is_taken_and_not_joined_with_its_page() -> None:
    passages = [at("Installer le widget", "Configurer le widget", "Options", locale="fr")]
    assert suggest_questions("", Evidence(passages), set(), "fr") == ["Comment configurer le widget ?"]


def test_what_was_asked_is_not_offered_again() -> None:
    evidence = Evidence([at("Install", "How do I install it?"), at("Quota", "Why 18?")])
    assert suggest_questions("How to install it", evidence, set(), "en") == ["Why 18?"]


def test_passages_that_were_not_cited_come_first_and_each_question_once() -> None:
    cited = at("Install", "Can I install it twice?")
    evidence = Evidence([cited, at("Quota", "Why 18?"), at("Limits", "why 18?"), at("Usage", "Where are the logs?")])
    assert suggest_questions("", evidence, {cited.uri}, "en") == [
        "Why 18?",
        "Where are the logs?",
        "Can I install it twice?",
    ]


def test_the_questions_are_in_the_language_of_the_docs_and_not_in_that_of_the_answer() -> None:
    assert suggest_questions("", Evidence([at("Install Docker", locale="en")]), set(), "de") == [
        "How do I install Docker?"
    ]


def test_questions_to_begin_with_are_titles_that_ask_from_the_root_of_the_site_on() -> None:
    def page(
        path: str, title: str, chunks: int = 1, kind: DocumentKind.ValueType = DocumentKind.DOCUMENT_KIND_DOC
    ) -> DocumentSummary:
        return DocumentSummary(uri=f"https://x/docs/{path}", title=title, kind=kind, chunk_count=chunks)

    pages = [
        page("a/deep/page", "How to roll back", 40),
        page("b", "Index your site"),
        page("c", "How search works", 9),
        page("d", "Overview", 99),
        page("e", "Large page", 50),
        page("news", "How to upgrade", 99, DocumentKind.DOCUMENT_KIND_BLOG),
    ]
    assert questions_of_site(pages, "en") == [
        "How does search work?",
        "How do I index my site?",
        "How do I roll back?",
    ]
    assert questions_of_site([], "en") == []
