"""Marks in the spellings of models become citations where they can be nothing else; lists of sources go whole."""

import pytest
from docs_chat.retriever.v1.passages_pb2 import Passage
from hypothesis import given
from hypothesis import strategies as st

from services.agent.answer.cited_answer import CitedAnswer
from services.agent.answer.source_list import SourceList
from services.agent.evidence import Evidence

MARKS = {
    "Run `make ingest`［1］.": "Run `make ingest`.",
    "Run `make ingest`【1】.": "Run `make ingest`.",
    "Run `make ingest` 〔1〕.": "Run `make ingest`.",
    "Run `make ingest` [^1].": "Run `make ingest`.",
    "Run `make ingest` [citation:1].": "Run `make ingest`.",
    "Run `make ingest` [citation: 1].": "Run `make ingest`.",
    "Run `make ingest` [ref_1].": "Run `make ingest`.",
    "Run `make ingest` [doc 1].": "Run `make ingest`.",
    "Run `make ingest` [#1].": "Run `make ingest`.",
    "Run `make ingest` <cite>1</cite>.": "Run `make ingest`.",
    "Run `make ingest`<sup>1</sup>.": "Run `make ingest`.",
    "Run the ingestion<sup>[1]</sup>.": "Run the ingestion.",
    'Run `make ingest` <ref id="1"/>.': "Run `make ingest`.",
    "Run the ingestion¹.": "Run the ingestion.",
    "Run `make ingest`.¹": "Run `make ingest`.",
    "Run `make ingest` (1).": "Run `make ingest`.",
    "Run `make ingest` (Source 1).": "Run `make ingest`.",
    "Run `make ingest` (see passage 1).": "Run `make ingest`.",
    "Run `make ingest` (source: [1]).": "Run `make ingest`.",
    "Run `make ingest` [Source 1].": "Run `make ingest`.",
    "Run `make ingest` [Source: 1].": "Run `make ingest`.",
    "Run `make ingest` 1.": "Run `make ingest`.",
    "Run the ingestion. 1": "Run the ingestion.",
    "Run `make ingest` [^1^].": "Run `make ingest`.",
    "Run `make ingest` &#91;1&#93;.": "Run `make ingest`.",
    "Run `make ingest` &lsqb;1&rsqb;.": "Run `make ingest`.",
    "Run `make ingest` &lt;sup&gt;1&lt;/sup&gt;.": "Run `make ingest`.",
    "Run `make ingest` \\[1\\].": "Run `make ingest`.",
    "Run `make ingest` \\cite{1}.": "Run `make ingest`.",
    "Run `make ingest` $^{1}$.": "Run `make ingest`.",
    "Run `make ingest`^[1].": "Run `make ingest`.",
    "Run `make ingest` (passage number 1).": "Run `make ingest`.",
    'Run `make ingest` [passage number="1"].': "Run `make ingest`.",
    'Run `make ingest` <doc id="1"/>.': "Run `make ingest`.",
    'Run \x3ccite index="1">`make ingest`</cite>.': "Run `make ingest`.",
    'Run <source id="doc_1">`make ingest`</source>.': "Run `make ingest`.",
    "Run `make ingest` 【1:0†docs】.": "Run `make ingest`.",
    "Führe es aus [Quelle 1].": "Führe es aus.",
    "Führe es aus (siehe Quelle 1).": "Führe es aus.",
    "Lancez-le [extrait 1].": "Lancez-le.",
    "Ejecútalo (fuente 1).": "Ejecútalo.",
    "Execute-o [fonte 1].": "Execute-o.",
    "Eseguilo (passaggio 1).": "Eseguilo.",
    "Запустите её [источник 1].": "Запустите её.",
    "运行它［来源1］。": "运行它。",
    "运行它（来源：1）。": "运行它。",
    "実行します【出典1】。": "実行します。",
    "실행하세요 [출처 1].": "실행하세요.",
    "Voer het uit [bron 1].": "Voer het uit.",
}
SEVERAL = {
    "Both work [1, 2].": [1, 2],
    "Both work [1–3].": [1, 2, 3],
    "Both work ［1、2］.": [1, 2],
    "Both work [1][2].": [1, 2],
    "Both work [Source 1, Source 2].": [1, 2],
    "Both work [^1][^2].": [1, 2],
    "Both work (sources 1 and 2).": [1, 2],
    "Beides geht [1 und 2].": [1, 2],
    "Both work<sup>1,2</sup>.": [1, 2],
}
NO_MARKS = [
    "The default is 1.",
    "Set `port` to 1.",
    "Set `retries` to 3 (2 in tests).",
    "x² + y² and m³ and 10⁶ and O(n)² stay.",
    "An area of 5 m<sup>2</sup>.",
    "Call f(1) and `f`(2).",
    "(1) Install it. (2) Run it.",
    "1. Install it.\n2. Run it.",
    "Version 2.\n\n1. First",
    "Use Node.js 1",
    "It takes 2 steps: (1) and then more words",
    "See the chapter (Sources and sinks).",
    "array[0] and （全角）stay.",
    "a < 1 and <b>1</b>",
    "It grows by $n^{2}$ and x^2^ and m$^{2}$.",
    "Write \\[1\\] for a bracket, and &#91;note&#93; for words.",
    "AT&T, a & b, $HOME, US$ 1 and ^C stay.",
    "Use \\cite{key} and `&#91;1&#93;`.",
]
LISTS = [
    "\n\nSources:\n- [1] Index your own site\n- [2] Another page",
    "\n\n**Sources**\n\n1. [Index](https://x/index)\n2. https://x/other",
    "\n\n## References\n[1] Index your own site, section How do I index\n[2]: Another\n",
    "\n\nSources: [1] Index your own site, [2] Another page",
    "\n\n[^1]: Index your own site, section How do I index",
    "\n\n[1]: https://docs.example.com/index\n[2]: https://docs.example.com/other",
    "\n\n[1] Index your own site\n[2] Another page",
    "\n\nQuellen:\n[1] Eigene Seite",
    "\n\n来源：\n[1] 索引",
    "\n\n出典:\n・[1]",
    "\n\n【1】: Index your own site",
]
NO_LISTS = [
    "\n\nSources of data are loaded first.\n- one\n- two",
    "\n\nReference: use `make ingest` for more.",
    "\n\n[1] says so as well, and then it goes on.\n\nAnd here is more text.",
    "\n\nSources:\n- `src/` holds the code\n\nThen build it.",
    "\n\n```md\nSources:\n- [1] a\n```",
]


def evidence() -> Evidence:
    pages = [f"https://docs.example.com/{n}" for n in range(1, 4)]
    return Evidence([Passage(uri=page, document_uri=page, text="Run it.") for page in pages])


def read(*pieces: str) -> tuple[str, list[int]]:
    """The text and the numbers of the passages cited, of an answer that comes in these pieces."""
    sources, cited = SourceList(), CitedAnswer(evidence())
    for piece in pieces:
        cited.feed(sources.feed(piece))
    cited.feed(sources.finish())
    cited.finish()
    return cited.text, [int(each.uri[-1]) for each in cited.citations]


def in_two(text: str) -> list[tuple[str, str]]:
    return [(text[:at], text[at:]) for at in range(len(text) + 1)]


@pytest.mark.parametrize(("written", "text"), MARKS.items())
def test_a_mark_in_any_spelling_is_a_citation_of_that_passage(written: str, text: str) -> None:
    for pieces in in_two(written):
        assert read(*pieces) == (text, [1]), pieces


@pytest.mark.parametrize(("written", "numbers"), SEVERAL.items())
def test_one_mark_may_name_several_passages(written: str, numbers: list[int]) -> None:
    for pieces in in_two(written):
        assert read(*pieces)[1] == numbers, pieces


@pytest.mark.parametrize("written", NO_MARKS)
def test_numbers_that_may_be_something_else_stay(written: str) -> None:
    for pieces in in_two(written):
        assert read(*pieces) == (written.replace("<sup>", "<sup>"), []), pieces


@pytest.mark.parametrize("written", LISTS)
def test_a_list_of_sources_below_the_answer_goes_whole(written: str) -> None:
    answer = "Run `make ingest` [1]."
    for pieces in in_two(answer + written):
        text, cited = read(*pieces)
        assert (text.strip(), cited) == ("Run `make ingest`.", [1]), pieces


@pytest.mark.parametrize("written", NO_LISTS)
def test_what_only_begins_like_a_list_of_sources_stays(written: str) -> None:
    for pieces in in_two("Run it [1]." + written):
        sources = SourceList()
        assert "".join(map(sources.feed, pieces)) + sources.finish() == "Run it [1]." + written, pieces


@given(
    st.sampled_from([*MARKS, *SEVERAL, *NO_MARKS, *(f"Run it [1].{each}" for each in [*LISTS, *NO_LISTS])]), st.data()
)
def test_no_chunking_changes_what_is_read(written: str, data: st.DataObject) -> None:
    pieces, rest = [], written
    while rest:
        count = data.draw(st.integers(1, len(rest)))
        pieces.append(rest[:count])
        rest = rest[count:]
    assert read(*pieces) == read(written)
