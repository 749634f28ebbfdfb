"""Chunks follow headings, fit the window, and lose nothing."""

import re
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.chunking import split as splitting
from services.ingest.chunking.split import Chunk, split_document
from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import Block, BlockKind, Document, Page, PageUnreadable, Section
from services.retriever.embedding.granite import PACK, read_pack
from services.retriever.embedding.local_embedder import package_folder
from services.runtime.document_kind import DocumentKind
from services.runtime.embedding_input import embedding_input

WINDOW = 64
PAGE = Page("https://docs.example.org/guide", "docs/guide.md", DocumentKind.DOC, "en", "current", "default")
WORD = re.compile(r"\w+")


@cache
def profile(max_tokens: int = WINDOW) -> ChunkingProfile:
    package, file = PACK
    pack = read_pack(package_folder(package) / file)
    return ChunkingProfile("granite", max_tokens, pack.tokenizer_json)


def document(*sections: Section, title: str = "Guide") -> Document:
    return Document(PAGE, title, (), sections, (PAGE.source_path,))


def chunks_of(*blocks: Block, path: tuple[str, ...] = ("Install",), title: str = "Guide") -> tuple[Chunk, ...]:
    return split_document(document(Section("install", path, blocks), title=title), profile()).chunks


def prose(text: str) -> Block:
    return Block(BlockKind.PROSE, text)


def code(body: str, language: str = "ts") -> Block:
    return Block(BlockKind.CODE, f"```{language}\n{body}\n```", language)


def assert_fits(chunks: tuple[Chunk, ...]) -> None:
    for chunk in chunks:
        text = embedding_input("Guide", chunk.heading_path, chunk.text)
        assert profile().counter.count(text) + profile().counter.special_tokens <= WINDOW


def test_a_section_that_fits_is_one_chunk() -> None:
    (chunk,) = chunks_of(prose("Install it."), code("npm install thing", "bash"))
    assert chunk.text == "Install it.\n\n```bash\nnpm install thing\n```"
    assert (chunk.anchor, chunk.heading_path, chunk.part) == ("install", ("Install",), 0)
    assert chunk.code_languages == ("bash",)


def test_each_section_cites_its_own_heading() -> None:
    sections = [Section(name, (name,), (prose("Short."),)) for name in ("one", "two")]
    chunks = split_document(document(*sections), profile()).chunks
    assert [(chunk.ordinal, chunk.anchor) for chunk in chunks] == [(0, "one"), (1, "two")]


def test_a_section_without_text_gives_no_chunk() -> None:
    assert chunks_of(prose("  ")) == ()


def test_parts_of_a_long_section_are_numbered_and_share_its_anchor() -> None:
    chunks = chunks_of(*[prose(f"Sentence number {n} says something about the installation.") for n in range(20)])
    assert [chunk.part for chunk in chunks] == list(range(len(chunks)))
    assert {chunk.anchor for chunk in chunks} == {"install"}
    assert_fits(chunks)


def test_long_code_is_cut_between_lines_with_its_fence_repeated() -> None:
    lines = [f"const value{n} = compute({n})" for n in range(40)]
    chunks = chunks_of(code("\n".join(lines)))
    assert len(chunks) > 1
    assert all(chunk.text.startswith("```ts\n") and chunk.text.endswith("\n```") for chunk in chunks)
    assert [line for chunk in chunks for line in chunk.text.split("\n")[1:-1]] == lines
    assert_fits(chunks)


def test_code_is_rather_cut_at_a_blank_line() -> None:
    functions = "\n\n".join(f"function f{n}() {{\n  return {n}\n}}" for n in range(12))
    chunks = chunks_of(code(functions))
    assert all(chunk.text.rstrip("`\n").endswith("}") for chunk in chunks)


def test_a_long_table_repeats_its_header() -> None:
    rows = [f"| option{n} | what it does |" for n in range(30)]
    chunks = chunks_of(Block(BlockKind.TABLE, "\n".join(["| Name | Meaning |", "| --- | --- |", *rows])))
    assert len(chunks) > 1
    assert all(chunk.text.startswith("| Name | Meaning |\n| --- | --- |\n") for chunk in chunks)
    assert [line for chunk in chunks for line in chunk.text.split("\n")[2:]] == rows
    assert_fits(chunks)


def test_a_long_list_is_cut_between_items() -> None:
    items = [f"- item {n}\n  goes on in a second line" for n in range(30)]
    chunks = chunks_of(Block(BlockKind.LIST, "\n".join(items)))
    assert len(chunks) > 1
    assert all(chunk.text.startswith("- item") for chunk in chunks)
    assert "\n".join(chunk.text for chunk in chunks) == "\n".join(items)


def test_prose_is_cut_after_sentences_in_chinese_too() -> None:
    chunks = chunks_of(prose("这是一个关于安装的句子。" * 20))
    assert len(chunks) > 1
    assert all(chunk.text.endswith("。") for chunk in chunks)
    assert "".join(chunk.text for chunk in chunks) == "这是一个关于安装的句子。" * 20


def test_an_introducing_sentence_goes_with_what_it_introduces() -> None:
    filler = [prose(f"Filler sentence {n} of the section.") for n in range(5)]
    chunks = chunks_of(*filler, prose("Run this command:"), code("npm install thing --save-dev", "bash"))
    (chunk,) = [chunk for chunk in chunks if "npm install" in chunk.text]
    assert "Run this command:" in chunk.text


def test_one_enormous_word_is_cut_and_not_dropped() -> None:
    word = "x" * 50_000
    chunks = chunks_of(prose(word))
    assert "".join(chunk.text for chunk in chunks) == word
    assert_fits(chunks)


def test_an_absurd_title_and_heading_leave_room_for_text() -> None:
    split = split_document(
        document(Section("a", ("heading " * 200,), (prose("Text."),)), title="title " * 300), profile()
    )
    assert split.document.title.endswith("…")
    assert split.chunks[0].tokens <= WINDOW
    assert split.chunks[0].text == "Text."


@pytest.mark.parametrize(("limit", "most"), [("MAX_CHUNKS_OF_A_PAGE", 100), ("MAX_BYTES_OF_A_PAGE", 50_000)])
def test_a_page_of_generated_data_is_reported_and_not_indexed(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(splitting, limit, most)
    with pytest.raises(PageUnreadable, match=f"{most:,}"):
        chunks_of(prose("word " * 30_000))


def test_tabs_of_a_chunk_are_those_all_its_blocks_stand_in() -> None:
    blocks = [Block(BlockKind.PROSE, "a", tabs=("os=mac", "pm=npm")), Block(BlockKind.PROSE, "b", tabs=("os=mac",))]
    (chunk,) = chunks_of(*blocks)
    assert chunk.tabs == ("os=mac",)


def test_the_content_hash_knows_text_and_title() -> None:
    first = split_document(document(Section("a", (), (prose("Text."),))), profile())
    same = split_document(document(Section("a", (), (prose("Text."),))), profile())
    renamed = split_document(document(Section("a", (), (prose("Text."),)), title="Other"), profile())
    assert first.content_hash == same.content_hash != renamed.content_hash
    assert first.chunks[0].content_hash != renamed.chunks[0].content_hash


WORDS = st.text("abcdefgh éß中文.,:`|*#-~()[]\n", min_size=1, max_size=40)
LINES = st.lists(WORDS.filter(str.strip), min_size=1, max_size=30)


def as_block(kind: BlockKind, lines: list[str]) -> Block:
    flat = [" ".join(line.split()) or "x" for line in lines]
    match kind:
        case BlockKind.CODE:
            return code("\n".join(line.replace("`", "'") for line in flat))
        case BlockKind.TABLE:
            return Block(kind, "\n".join(["| a |", "| --- |", *(f"| {line} |" for line in flat)]))
        case BlockKind.LIST:
            return Block(kind, "\n".join(f"- {line}" for line in flat))
        case BlockKind.PROSE:
            return prose(" ".join(flat))


BLOCKS = st.lists(st.builds(as_block, st.sampled_from(BlockKind), LINES), min_size=1, max_size=6)


@settings(max_examples=30)
@given(BLOCKS)
def test_nothing_is_lost_and_every_chunk_fits(blocks: list[Block]) -> None:
    chunks = chunks_of(*blocks)
    before = Counter("".join(WORD.findall(" ".join(block.markdown for block in blocks))))
    after = Counter("".join(WORD.findall(" ".join(chunk.text for chunk in chunks))))
    assert not before - after
    assert_fits(chunks)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))


@settings(max_examples=25)
@given(LINES)
def test_lines_of_code_keep_their_order_and_their_fences_are_balanced(lines: list[str]) -> None:
    block = as_block(BlockKind.CODE, lines * 3)
    chunks = chunks_of(block)
    assert all(len(re.findall(r"^```", chunk.text, re.MULTILINE)) % 2 == 0 for chunk in chunks)
    bodies = ["".join(chunk.text.split("\n")[1:-1]) for chunk in chunks]
    assert "".join("".join(bodies).split()) == "".join("".join(block.markdown.split("\n")[1:-1]).split())


@given(st.text(max_size=2_000))
def test_without_a_tokenizer_a_token_is_three_characters(text: str) -> None:
    plain = ChunkingProfile("remote", 64)
    chunks = split_document(document(Section("a", (), (prose(text),))), plain).chunks
    assert all(len(embedding_input("Guide", (), chunk.text)) <= 62 * 3 for chunk in chunks)


def test_a_section_is_cut_into_parts_of_about_one_size() -> None:
    chunks = chunks_of(*[prose(f"Sentence number {n} says something about the installation.") for n in range(9)])
    sizes = [chunk.tokens for chunk in chunks]
    assert max(sizes) - min(sizes) <= 20


def test_headings_in_bold_and_sentences_that_introduce_stay_with_what_follows() -> None:
    before = [prose(f"Sentence number {n} says something about ropes.") for n in range(3)]
    announced = [prose("**How it is done**"), prose("Pull the rope like this:"), code("pull(rope)")]
    chunks = chunks_of(*before, *announced)
    assert len(chunks) == 2
    assert chunks[1].text.startswith("**How it is done**\n\nPull the rope like this:\n\n```ts\npull(rope)")


def test_the_sentence_before_a_long_list_goes_with_its_first_part() -> None:
    items = "\n".join(f"- point number {n} of the long list" for n in range(12))
    chunks = chunks_of(prose("These things matter:"), Block(BlockKind.LIST, items))
    assert len(chunks) > 1
    assert chunks[0].text.startswith("These things matter:\n\n- point number 0")
    assert_fits(chunks)


def test_example_code_stays_with_its_explanation_where_a_cut_can_be_elsewhere() -> None:
    words = "says something about ropes and knots and the sea"
    chunks = chunks_of(
        prose(f"One {words}."), prose(f"Two {words}."), prose(f"Three {words}."), code("tie(knot)\n" * 3)
    )
    assert chunks[-1].text.startswith("Three")
