"""An answer made of quotations: the sentences, steps and code of the passages that speak about the question.

The best passage gives the body of the answer, a run of neighbouring blocks as its author wrote them. When that is
short, the next one gives a body too; otherwise a sentence or two of another passage follow if they tell something new.
Everything is quoted, nothing is rephrased.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.quoting.blocks import Block, BlockKind, split_blocks
from services.agent.quoting.relevance import (
    Asked,
    heading_fit,
    is_reading_list,
    is_remark,
    points_elsewhere,
    promises,
    stands_alone,
)
from services.language.markdown import list_item, opening_fence
from services.language.sentences import announces, split_sentences
from services.language.terms import terms

MAX_CHARACTERS = 1200
_BODY_CHARACTERS = 750
_SECOND_CHARACTERS = 400
_CODE_CHARACTERS = 620
_SIDE_CHARACTERS = 280
_SHORT_BODY = 100
"""Size below which a body is too short to be the whole answer, unless its heading is the question."""
_SECOND_SHARE = 0.6
"""Share of the best passage's score from which another one may complete such a short body."""
_LEAD_CHARACTERS = 200
"""Characters of an earlier block that may be added because the first sentence leans on it."""
_RANK_FACTOR = 0.82
_SIDE_SHARE = 0.4
"""Share of the best passage's score below which another one is not quoted."""
_SAME_QUESTION_SHARE = 0.6
"""Share of the question's weight in the headings from which a section counts as written for that question."""
_SAME_WORDS_SHARE = 0.75
"""Share of words that a heading and the question have in common from which the passage's rank no longer counts."""
_BEGINNING_SHARE = 0.5
"""Share of the most that one of its blocks tells, from which a long section written for the question is quoted."""
_TOLD_SHARE = 0.45
"""Share of the question's weight that a sentence of another passage must speak of."""
_NEW_SHARE = 0.4
"""Share of the words of that sentence which the answer must not have said already."""
_ROW_SHARE = 0.5
"""Share of the best row's score from which a row of a long table is quoted."""
_ADMONITION_LABEL = re.compile(r"^\s*(?::::\w*|\*\*(?:note|tip|info|warning|danger|caution)\*\*:?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Scored:
    """A passage cut into blocks, each with its score for the question."""

    number: int
    passage: Passage
    blocks: list[Block]
    scores: list[float]
    heading_share: float
    """Share of the question's weight that its title and headings speak of."""
    echo: float
    """How much its heading is the question itself."""

    @property
    def best(self) -> float:
        return max(self.scores, default=0.0)


def extract_answer(question: str, passages: list[Passage]) -> list[str]:
    """Blocks of Markdown with citation marks, at most about `MAX_CHARACTERS` together.

    Args:
        question: What was asked, with the subject of the conversation if it leans on it.
        passages: By falling relevance; marks refer to this order, from 1.

    Returns:
        Blocks in reading order; empty when there are no passages.
    """
    asked = Asked.of(question, passages)
    scored = [_score(number, passage, asked) for number, passage in enumerate(passages, start=1)]
    ranked = sorted((each for each in scored if each.blocks), key=lambda each: -each.best)
    if not ranked:
        return []
    main = ranked[0]
    others = [each for each in ranked[1:] if 0.0 < each.best >= _SIDE_SHARE * main.best]
    answer = _body(main, asked)
    if parts := _announced_parts(main, scored):
        return [*answer, *parts]
    is_complete = main.heading_share >= _SAME_QUESTION_SHARE or not _is_short(answer)
    if not is_complete and others and others[0].best >= _SECOND_SHARE * main.best:
        heading, second = f"**{_heading_of(others[0])}**", _body(others[0], asked, limit=_SECOND_CHARACTERS)
        answer += second if second[0].startswith(heading) else [heading, *second]
        others = others[1:]
    for other in others:
        side = _side(other, asked, said="\n".join(answer))
        if side and sum(map(len, answer)) + len(side) <= MAX_CHARACTERS:
            return [*answer, side]
    return answer


def _announced_parts(main: _Scored, scored: list[_Scored]) -> list[str]:
    """What a section announces and its own subsections tell ("three principles:"), one line each; else nothing."""
    if not main.blocks or not promises(main.blocks[-1]):
        return []
    above = [main.passage.document_uri, *main.passage.heading_path]
    parts = []
    for each in scored:
        path = [each.passage.document_uri, *each.passage.heading_path]
        if each.blocks and len(path) == len(above) + 1 and path[:-1] == above:
            told = _first_sentences(_units(each.blocks[0])[:1], _SIDE_CHARACTERS)
            parts.append(f"- **{path[-1]}** — {told} [{each.number}]")
    return ["\n".join(parts)] if len(parts) > 1 else []


def _is_short(blocks: list[str]) -> bool:
    """Chinese and Japanese say in one character what takes others two or three."""
    text = "".join(blocks)
    return sum(1 if character < "\u2e80" else 2.5 for character in text) < _SHORT_BODY


def _heading_of(scored: _Scored) -> str:
    return " › ".join([scored.passage.title, *scored.passage.heading_path][-2:])


def best_quote(passage: Passage, statement: str, *, max_characters: int = 300) -> str:
    """The sentence or code of a passage that a statement of an answer most likely rests on."""
    wanted = set(terms(statement))
    best = max(
        _quotable(passage.text), key=lambda each: len(wanted & each[1]) / math.sqrt(len(each[1]) + 4), default=None
    )
    if best is None:
        return ""
    return best[0] if len(best[0]) <= max_characters else best[0][: max_characters - 1].rstrip() + "…"


@lru_cache(maxsize=256)
def _quotable(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Sentences and code of a passage with their terms; kept, for the same passages are cited again and again."""
    units = (unit for block in split_blocks(text) for unit in _units(block))
    return tuple((unit, frozenset(terms(unit))) for unit in units)


def _units(block: Block) -> list[str]:
    if block.kind is BlockKind.HEADING:
        return []
    return [block.text] if block.kind in (BlockKind.CODE, BlockKind.TABLE) else split_sentences(block.text)


def _score(number: int, passage: Passage, asked: Asked) -> _Scored:
    blocks = _worth_quoting([_without_label(block) for block in split_blocks(passage.text)])
    heading = asked.weight_in(" ".join([passage.title, *passage.heading_path]))
    echo = asked.echo_of(passage.heading_path[-1] if passage.heading_path else passage.title)
    is_the_question = echo >= _SAME_WORDS_SHARE
    factor = 1.0 if is_the_question else _RANK_FACTOR ** (number - 1)
    factor *= heading_fit(passage.heading_path[-1]) if passage.heading_path else 1.0
    around = (0.6 + echo + is_the_question) * heading + 0.5 * asked.weight_in(passage.text)
    scores = [
        factor * asked.fit_of(block) * (asked.score_of(block) + around + (0.3 if at == 0 else 0.0))
        for at, block in enumerate(blocks)
    ]
    return _Scored(number, passage, blocks, scores, heading / (asked.weight or 1.0), echo)


def _worth_quoting(blocks: list[Block]) -> list[Block]:
    """Blocks without headings and without what only tells where else to read."""
    kept: list[Block] = []
    for at, block in enumerate(blocks):
        reading_list = at > 0 and is_reading_list(block) and points_elsewhere(blocks[at - 1])
        if block.kind is not BlockKind.HEADING and not points_elsewhere(block) and not reading_list:
            kept.append(block)
    return kept


def _without_label(block: Block) -> Block:
    return Block(block.kind, _ADMONITION_LABEL.sub("", block.text)) if block.kind is BlockKind.PROSE else block


def _body(main: _Scored, asked: Asked, *, limit: int = _BODY_CHARACTERS) -> list[str]:
    """A run of neighbouring blocks around the best one, as long as it fits."""
    centre = _centre(main, asked)
    first = last = centre
    size = _size(main.blocks[centre])
    # What follows usually explains; what stands before is needed when it leads in ("Run this:").
    while True:
        after, before = last + 1, first - 1
        if before >= 0 and _leads_in(main.blocks[before], main.blocks[first]) and size < limit:
            first, size = before, size + _size(main.blocks[before])
        elif after < len(main.blocks) and size + _size(main.blocks[after]) <= limit:
            last, size = after, size + _size(main.blocks[after])
        elif before >= 0 and size + _size(main.blocks[before]) <= limit:
            first, size = before, size + _size(main.blocks[before])
        else:
            break
    first, last = _with_promised(main.blocks, first, centre, last)
    while last > max(first, centre) and promises(main.blocks[last]):
        last -= 1  # what it promises is not in this passage
    run = [_fitted(block, asked) for block in main.blocks[first : last + 1]]
    return _marked([*_lead(main.blocks, first, asked), *run], main)


def _centre(main: _Scored, asked: Asked) -> int:
    """Where to begin: at the best block, but a section written for the question is quoted from its beginning.

    A long one is quoted from its first block that speaks of the question.
    """
    best = max(range(len(main.blocks)), key=lambda at: main.scores[at])
    if main.heading_share < _SAME_QUESTION_SHARE:
        return best
    told = [asked.weight_in(block.text) for block in main.blocks]
    telling = next(at for at, weight in enumerate(told) if weight >= _BEGINNING_SHARE * max(told))
    return 0 if sum(_size(block) for block in main.blocks[: telling + 1]) <= _BODY_CHARACTERS else telling


def _lead(blocks: list[Block], first: int, asked: Asked) -> list[Block]:
    """What the run needs before it: code a sentence that explains it, "However, …" the end of the block before."""
    if blocks[first].kind is BlockKind.CODE:
        earlier = [block for block in blocks[:first] if block.kind is BlockKind.PROSE and not is_remark(block)]
        sentences = [sentence for block in earlier for sentence in split_sentences(block.text)]
        best = max(sentences, key=asked.sentence_score, default="")
        return [Block(BlockKind.PROSE, best)] if 0 < len(best) <= _SIDE_CHARACTERS else []
    if first == 0 or stands_alone(blocks[first]) or blocks[first - 1].kind is not BlockKind.PROSE:
        return []
    kept: list[str] = []
    for sentence in reversed(split_sentences(blocks[first - 1].text)):
        if sum(map(len, kept)) + len(sentence) > _LEAD_CHARACTERS:
            break
        kept.insert(0, sentence)
    return [Block(BlockKind.PROSE, " ".join(kept))] if kept else []


def _with_promised(blocks: list[Block], first: int, centre: int, last: int) -> tuple[int, int]:
    """Keep what a last "like this:" promises, at the cost of what stands before the best block."""
    if last + 1 < len(blocks) and announces(blocks[last].text):
        last += 1
        while (
            first < min(centre, last - 1) and sum(_size(block) for block in blocks[first : last + 1]) > _BODY_CHARACTERS
        ):
            first += 1
    return first, last


def _leads_in(block: Block, following: Block) -> bool:
    if announces(block.text):
        return True
    explained = following.kind in (BlockKind.CODE, BlockKind.LIST, BlockKind.TABLE)
    return explained and block.kind is BlockKind.PROSE and not is_remark(block)


def _size(block: Block) -> int:
    return min(len(block.text), _CODE_CHARACTERS)


def _fitted(block: Block, asked: Asked) -> Block:
    """The block, or as much of it as a short answer bears, cut between sentences, items, rows or lines."""
    if block.kind is BlockKind.TABLE:
        return Block(block.kind, _telling_rows(block.text, asked))
    if len(block.text) <= _CODE_CHARACTERS:
        return block
    if block.kind is BlockKind.PROSE:
        return Block(block.kind, _first_sentences(split_sentences(block.text), _CODE_CHARACTERS))
    kept = _first_lines(block.text.splitlines())
    if block.kind is BlockKind.CODE:
        fence = opening_fence(kept[0])
        assert fence is not None
        kept = [*kept, _comment_like(kept), f"{fence.indent}{fence.marks}"]
    return Block(block.kind, "\n".join(kept))


def _first_lines(lines: list[str]) -> list[str]:
    size, kept = 0, list[str]()
    for line in lines:
        size += len(line) + 1
        if kept and size > _CODE_CHARACTERS:
            break
        kept.append(line)
    return kept


def _telling_rows(table: str, asked: Asked) -> str:
    """The head of a table with the rows that speak about the question; all of a short one, or where none does."""
    head, rows = table.splitlines()[:2], table.splitlines()[2:]
    scores = [asked.weight_in(row) for row in rows]
    best = max(scores, default=0.0)
    if best > 0.0 and len(table) > _SIDE_CHARACTERS:
        rows = [row for row, score in zip(rows, scores, strict=True) if score >= _ROW_SHARE * best]
    return "\n".join(_first_lines([*head, *rows]))


def _comment_like(lines: list[str]) -> str:
    return re.match(r"\s*", lines[-1]).group() + "…"  # type: ignore[union-attr]


def _marked(blocks: list[Block], source: _Scored) -> list[str]:
    """Blocks of one source with its mark once, after the last of its prose; code and tables alone get a heading."""
    marked = [block.text.rstrip() for block in blocks]
    prose = [at for at, block in enumerate(blocks) if block.kind in (BlockKind.PROSE, BlockKind.LIST)]
    if prose:
        marked[prose[-1]] = _with_mark(marked[prose[-1]], source.number)
        return marked
    return [f"**{_heading_of(source)}** [{source.number}]", *marked]


def _with_mark(text: str, number: int) -> str:
    colon = text[-1:] if announces(text) else ""
    return f"{text.removesuffix(colon)} [{number}]{colon}"


def _side(other: _Scored, asked: Asked, *, said: str) -> str:
    """One or two sentences of another passage under its heading; empty when they add nothing to what is said."""
    at = max(range(len(other.blocks)), key=lambda place: other.scores[place])
    block = other.blocks[at]
    if block.kind in (BlockKind.CODE, BlockKind.TABLE):
        block = next((each for each in reversed(other.blocks[:at]) if each.kind is BlockKind.PROSE), block)
    if block.kind in (BlockKind.CODE, BlockKind.TABLE):
        return ""
    sentences = _units(block) if block.kind is BlockKind.PROSE else [_best_item(block, asked)]
    best = max(range(len(sentences)), key=lambda place: asked.sentence_score(sentences[place]), default=None)
    if best is None or not _adds(sentences[best], asked, said):
        return ""
    follows = [sentence for sentence in sentences[best + 1 : best + 2] if not announces(sentence)]
    text = _first_sentences([sentences[best], *follows], _SIDE_CHARACTERS)
    return f"**{_heading_of(other)}** — {text} [{other.number}]"


def _adds(sentence: str, asked: Asked, said: str) -> bool:
    """Whether a sentence of another passage is worth reading: it speaks of the question, is whole, and is news."""
    if len(sentence) > _SIDE_CHARACTERS or announces(sentence):  # a colon promises what is cut
        return False
    if points_elsewhere(Block(BlockKind.PROSE, sentence)) or not stands_alone(Block(BlockKind.PROSE, sentence)):
        return False
    own = set(terms(sentence))
    news = own - set(terms(said))
    return asked.weight_in(sentence) >= _TOLD_SHARE * asked.weight and len(news) >= _NEW_SHARE * len(own)


def _best_item(block: Block, asked: Asked) -> str:
    lines = [line for line in block.text.splitlines() if line.strip()]
    items = [item.text if (item := list_item(line)) else line for line in lines]
    return max(items, key=asked.sentence_score, default="")


def _first_sentences(sentences: list[str], limit: int) -> str:
    text = ""
    for sentence in sentences:
        if text and len(text) + len(sentence) + 1 > limit:
            break
        text = f"{text} {sentence}".strip()
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"
