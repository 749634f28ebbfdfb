"""What a model writes becomes what a reader gets, whatever pieces it comes in."""

import re

import pytest
from docs_chat.retriever.v1.passages_pb2 import Passage
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agent.answer.answer_text import AnswerText
from services.agent.answer.cited_answer import CitedAnswer
from services.agent.answer.output_buffer import Mark, Text
from services.agent.evidence import Evidence

BASE = "https://docs.example.com/docs"


def evidence() -> Evidence:
    return Evidence(
        [
            Passage(
                uri=f"{BASE}/a#one",
                document_uri=f"{BASE}/a",
                title="A",
                text="See [B](/docs/b#two), [Node](https://nodejs.org/en) and http://localhost:3000.",
            ),
            Passage(uri=f"{BASE}/b#two", document_uri=f"{BASE}/b", title="B", text="Text of B."),
            Passage(uri=f"{BASE}/c", document_uri=f"{BASE}/c", title="C", text="Text of C."),
        ]
    )


def read(*pieces: str) -> tuple[str, list[tuple[int, int]]]:
    """The text and the marks (number, index) of an answer that comes in these pieces."""
    answer = AnswerText(evidence())
    out = [found for piece in pieces for found in answer.feed(piece)] + answer.finish()
    text = "".join(found.text for found in out if isinstance(found, Text))
    assert text == answer.text
    return text, [(found.number, found.index) for found in out if isinstance(found, Mark)]


@pytest.mark.parametrize(
    ("raw", "text", "marks"),
    [
        ("Do this [1].", "Do this.", [(1, 7)]),
        ("Do this[1].", "Do this.", [(1, 7)]),
        ("Both [1][3].", "Both.", [(1, 4), (3, 4)]),
        ("Both [1, 2] and [2;3].", "Both and.", [(1, 4), (2, 4), (2, 8), (3, 8)]),
        ("Range [1-3].", "Range.", [(1, 5), (2, 5), (3, 5)]),
        ("Footnote [^2].", "Footnote.", [(2, 8)]),
        ("Named [Source 2] [passage 1].", "Named.", [(2, 5), (1, 5)]),
        ("Linked [1](https://evil.example).", "Linked.", [(1, 6)]),
        ("Doubled [[2]](/docs/b).", "Doubled.", [(2, 7)]),
        ("Wide 【1】 and 【2†source】.", "Wide and.", [(1, 4), (2, 8)]),
        ("Invented [9] and [1].", "Invented and.", [(1, 12)]),
        ("Zero [0].", "Zero.", []),
        ("Index array[0] stays.", "Index array[0] stays.", []),
        ("Year [2024] stays.", "Year [2024] stays.", []),
        ("- [ ] open\n- [x] done", "- [ ] open\n- [x] done", []),
        ("Emoji 🎉🎉 [1]!", "Emoji 🎉🎉!", [(1, 8)]),
        ("In `code [1]` it stays [1].", "In `code [1]` it stays.", [(1, 22)]),
        ("```js\nlist[1] = [2]\n```\nDone [1].", "```js\nlist[1] = [2]\n```\nDone.", [(1, 28)]),
        ("~~~\n[1]\n~~~", "~~~\n[1]\n~~~", []),
        ("- step\n  ```sh\n  run [1]\n  ```\n[2]", "- step\n  ```sh\n  run [1]\n  ```\n", [(2, 31)]),
        ("Unclosed [1", "Unclosed \\[1", []),
        ("Escaped \\[1\\] text", "Escaped \\[1\\] text", []),
        ("", "", []),
    ],
)
def test_marks_become_citations_with_their_place(raw: str, text: str, marks: list[tuple[int, int]]) -> None:
    assert read(raw) == (text, marks)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (f"See [A]({BASE}/a#one).", f"See [A]({BASE}/a#one)."),
        ("See [B](/docs/b#two).", f"See [B]({BASE}/b#two)."),
        ("See [B](/docs/b#made-up).", f"See [B]({BASE}/b)."),
        ("See [it](https://evil.example/?q=1).", "See it."),
        ("See [it](javascript:alert(1)).", "See it."),
        ("See [it](data:text/html;base64,xyz).", "See it."),
        ("See [it](//evil.example).", "See it."),
        ('See [it](https://evil.example "title").', "See it."),
        ("See [Node](https://nodejs.org/en).", "See Node."),
        ("Open http://localhost:3000 now.", "Open `http://localhost:3000` now."),
        ("Go to https://evil.example/x?y=z.", "Go to ."),
        (f"Go to {BASE}/c.", f"Go to <{BASE}/c>."),
        ("<https://evil.example>", ""),
        ("www.evil.example rocks", " rocks"),
        ("![pixel](https://evil.example/p.png?d=secret)", "pixel"),
        ("a ![](https://evil.example/p.png) b", "a  b"),
        ("[![alt](https://evil.example/p.png)](https://evil.example)", "alt"),
        ("[label]: https://evil.example\n[label]", "[label]"),
        ("<img src=x onerror=alert(1)>text", "text"),
        ("<a href='https://evil.example'>text</a>", "text"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("<!-- hidden -->shown", "shown"),
        ("a<br>b <kbd>Ctrl</kbd>", "a<br>b <kbd>Ctrl</kbd>"),
        ("`Array<string>` and Array<string>", "`Array<string>` and Array\\<string>"),
        ("Use <Tabs> here", "Use \\<Tabs> here"),
        ("1 < 2", "1 < 2"),
        ("` ![x](https://evil.example)", "\\` x"),
        ("para\n    ```\n![x](https://evil.example/)\n", "para\n    \\`\\`\\`\nx\n"),
        ("[long " + "x" * 600 + "](https://evil.example)", None),
        ("[a](https://evil.example/" + "y" * 3000 + ")", None),
    ],
)
def test_links_lead_into_the_docs_or_are_no_links(raw: str, text: str | None) -> None:
    got, _ = read(raw)
    if text is not None:
        assert got == text
    assert "evil.example" not in re.sub(r"\\\[.*", "", got) or "](" not in got


def test_unlinkable_text_in_code_is_left_alone() -> None:
    raw = "```md\n![alt](https://other.example/x.png)\n```\n"
    assert read(raw)[0] == raw


FRAGMENTS = st.sampled_from(
    [
        " ",
        "\n",
        "\n\n",
        "    ",
        "word",
        "text. ",
        "\\",
        "\\[",
        "!",
        ": ",
        "|",
        "#",
        "*",
        "- ",
        "1. ",
        "🎉",
        "é",
        "h",
        "w",
        "[1]",
        "[2]",
        "[3]",
        "[9]",
        "[1][2]",
        "[1, 2]",
        "【1】",
        "【",
        "array[0]",
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "`",
        "``",
        "```",
        "```js\n",
        "~~~\n",
        "<",
        ">",
        "<img src=x>",
        "<!--",
        "-->",
        "<b>",
        "</a>",
        "https://evil.example/x",
        "https://docs.example.com/docs/c",
        "www.",
        "http",
        "[a](/docs/b#two)",
        "[a](https://evil.example)",
        "[x]: y\n",
    ]
)


@given(st.lists(FRAGMENTS, max_size=24).map("".join), st.data())
@settings(max_examples=600)
def test_no_way_of_cutting_the_text_changes_the_answer(raw: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    pieces = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert read(*pieces) == read(raw)
    assert read(*raw) == read(raw)


@given(st.lists(FRAGMENTS, max_size=24).map("".join))
@settings(max_examples=400)
def test_marks_stand_inside_the_text_in_order(raw: str) -> None:
    text, marks = read(raw)
    places = [index for _, index in marks]
    assert places == sorted(places)
    assert all(0 <= index <= len(text) for index in places)


def test_the_same_source_keeps_its_number_and_numbers_follow_first_use() -> None:
    answer = CitedAnswer(evidence())
    answer.feed("First [3]. Second [1]. Third [3][3].")
    answer.finish()
    assert [(citation.number, citation.uri) for citation in answer.citations] == [
        (1, f"{BASE}/c"),
        (2, f"{BASE}/a#one"),
        (1, f"{BASE}/c"),
    ]


def test_text_reaches_the_reader_before_the_answer_is_whole() -> None:
    answer = AnswerText(evidence())
    assert answer.feed("Run the installer ") != []
