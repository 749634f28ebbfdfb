"""The run of neighbouring blocks that is quoted of a section: as long as it fits, whole, and readable by itself."""

from services.agent.quoting.blocks import Block, BlockKind
from services.agent.quoting.code import is_whole
from services.agent.quoting.relevance import Asked, is_label, is_remark, stands_alone
from services.agent.quoting.sections import Section, heading_of
from services.agent.quoting.weights import WEIGHTS
from services.language.markdown import list_item
from services.language.sentences import announces, split_sentences


def quoted_run(section: Section, asked: Asked, *, limit: int, announces_more: bool = False) -> list[str]:
    """Blocks of Markdown with the mark of the section once.

    Args:
        section: What is quoted from.
        asked: The question.
        limit: Characters the run may have, about.
        announces_more: Whether what the run announces at its end follows it in the answer.
    """
    blocks, scores = _readable(section)
    first, last = _window(blocks, scores, limit)
    run = [_fitted(block, asked, limit) for block in blocks[first : last + 1]]
    run = run if announces_more else _ended(run, section)
    return _marked([*_lead(blocks, first, asked), *run], section)


def _readable(section: Section) -> tuple[list[Block], list[float]]:
    """The blocks, with a link in place of code that is too long to be quoted whole, or was cut for the index."""
    blocks, scores = list[Block](), list[float]()
    for block, score in zip(section.blocks, section.scores, strict=True):
        quotable = is_whole(block) and (block.kind is not BlockKind.CODE or len(block.text) <= WEIGHTS.code_characters)
        if quotable or not blocks or blocks[-1] != _link_to(section):
            blocks.append(block if quotable else _link_to(section))
            scores.append(score if quotable else 0.0)
    return blocks, scores


def _link_to(section: Section) -> Block:
    """Where the rest stands, in no language."""
    heading = heading_of(section).replace("[", "(").replace("]", ")")
    return Block(BlockKind.PROSE, f"→ [{heading}]({section.passage.uri})")


def _ended(run: list[Block], section: Section) -> list[Block]:
    """A run that does not end with the announcement of something: the announcement goes, or gets a link."""
    while len(run) > 1 and is_label(run[-1]):
        run = run[:-1]
    if not announces(run[-1].text):
        return run
    sentences = split_sentences(run[-1].text) if run[-1].kind is BlockKind.PROSE else []
    if len(sentences) > 1 and not announces(sentences[-2]):
        return [*run[:-1], Block(BlockKind.PROSE, " ".join(sentences[:-1]))]
    return [*run, _link_to(section)]


def _window(blocks: list[Block], scores: list[float], limit: int) -> tuple[int, int]:
    """First and last block of the run that says most of the question within the limit; it holds the best block."""
    best = max(range(len(blocks)), key=lambda at: scores[at])
    chosen, most = (best, best), -1.0
    for first in range(best + 1):
        for last in range(best, len(blocks)):
            if (first, last) != (best, best) and sum(_size(block) for block in blocks[first : last + 1]) > limit:
                break
            worth = sum(scores[first : last + 1]) - _broken(blocks, first, last)
            if worth > most:
                chosen, most = (first, last), worth
    return chosen


def _broken(blocks: list[Block], first: int, last: int) -> float:
    """What it costs to begin without what leads in, or to end with what announces more."""
    cost = 0.0
    if first > 0 and _leads_in(blocks[first - 1], blocks[first]):
        cost += WEIGHTS.broken
    if last + 1 < len(blocks) and announces(blocks[last].text):
        cost += WEIGHTS.broken
    return cost


def _leads_in(block: Block, following: Block) -> bool:
    if announces(block.text):
        return True
    explained = following.kind in (BlockKind.CODE, BlockKind.LIST, BlockKind.TABLE)
    return explained and block.kind is BlockKind.PROSE and not is_remark(block)


def _size(block: Block) -> int:
    return len(block.text) if block.kind is BlockKind.CODE else min(len(block.text), WEIGHTS.block_characters)


def _lead(blocks: list[Block], first: int, asked: Asked) -> list[Block]:
    """What the run needs before it: code a sentence that explains it, "However, …" the end of the block before."""
    if blocks[first].kind is BlockKind.CODE:
        earlier = [block for block in blocks[:first] if block.kind is BlockKind.PROSE and not is_remark(block)]
        sentences = [sentence for block in earlier for sentence in split_sentences(block.text)]
        best = max(sentences, key=asked.sentence_score, default="")
        return [Block(BlockKind.PROSE, best)] if 0 < len(best) <= WEIGHTS.part_characters else []
    if first == 0 or stands_alone(blocks[first]) or blocks[first - 1].kind is not BlockKind.PROSE:
        return []
    kept: list[str] = []
    for sentence in reversed(split_sentences(blocks[first - 1].text)):
        if sum(map(len, kept)) + len(sentence) > WEIGHTS.lead_characters:
            break
        kept.insert(0, sentence)
    return [Block(BlockKind.PROSE, " ".join(kept))] if kept else []


def _fitted(block: Block, asked: Asked, limit: int) -> Block:
    """The block, or what a short answer bears of it: the sentences, items or rows that speak of the question, whole."""
    size = min(limit, WEIGHTS.block_characters)
    if block.kind is BlockKind.TABLE:
        return Block(block.kind, _telling_rows(block.text, asked, size))
    if block.kind is BlockKind.CODE or len(block.text) <= size:
        return block
    if block.kind is BlockKind.PROSE:
        return Block(block.kind, _telling_part(split_sentences(block.text), asked, size, " "))
    return Block(block.kind, _telling_part(_items(block.text), asked, size, "\n"))


def _items(text: str) -> list[str]:
    """The items of a list, each with what belongs to it."""
    items: list[str] = []
    for line in text.splitlines():
        item = list_item(line)
        if items and (item is None or item.indent > 0):
            items[-1] += f"\n{line}"
        else:
            items.append(line)
    return items


def _telling_part(parts: list[str], asked: Asked, size: int, between: str) -> str:
    """The neighbouring parts that say most of the question within a size, the best of them included."""
    best = max(range(len(parts)), key=lambda at: asked.sentence_score(parts[at]))
    first = last = best
    total = len(parts[best])
    while True:
        if last + 1 < len(parts) and total + len(parts[last + 1]) <= size:
            last += 1
            total += len(parts[last])
        elif first > 0 and total + len(parts[first - 1]) <= size:
            first -= 1
            total += len(parts[first])
        else:
            break
    return between.join(parts[first : last + 1])


def _telling_rows(table: str, asked: Asked, size: int) -> str:
    """The head of a table with the rows that speak about the question; all of a short one, or where none does."""
    head, rows = table.splitlines()[:2], table.splitlines()[2:]
    scores = [asked.weight_in(row) for row in rows]
    best = max(scores, default=0.0)
    if best > 0.0 and len(table) > WEIGHTS.part_characters:
        rows = [row for row, score in zip(rows, scores, strict=True) if score >= WEIGHTS.row_share * best]
    kept = list(head)
    for row in rows:
        if len(kept) > len(head) and sum(map(len, kept)) + len(row) > size:
            break
        kept.append(row)
    return "\n".join(kept)


def _marked(blocks: list[Block], source: Section) -> list[str]:
    """Blocks of one source under its heading, with its mark once: after the last of its prose, or at the heading."""
    heading, marked = f"**{heading_of(source)}**", [block.text.rstrip() for block in blocks]
    prose = [at for at, block in enumerate(blocks) if block.kind in (BlockKind.PROSE, BlockKind.LIST)]
    if not prose:
        return [f"{heading} [{source.number}]", *marked]
    marked[prose[-1]] = _with_mark(marked[prose[-1]], source.number)
    return [heading, *marked]


def _with_mark(text: str, number: int) -> str:
    colon = text[-1:] if announces(text) else ""
    return f"{text.removesuffix(colon)} [{number}]{colon}"


def first_sentences(sentences: list[str], limit: int) -> str:
    """The first sentences that fit a number of characters; of a first one that is too long, its beginning."""
    text = ""
    for sentence in sentences:
        if text and len(text) + len(sentence) + 1 > limit:
            break
        text = f"{text} {sentence}".strip()
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"
