"""What the model is told: the rules, the passages as numbered material, and the question."""

import hashlib
import re
from functools import cache
from pathlib import Path
from string import Template

from agents.items import TResponseInputItem
from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.agent_run.material import chosen
from services.agent.conversation import TurnRequest, trimmed_history
from services.agent.evidence import Evidence

_TOOL_RULES = """
Second look
- The tool `search_docs` searches the same documentation with words of your choice, `read_page` reads one page of it
  whole. Use one of them, once, only when the passages miss something the question needs and the documentation is likely
  to have. Do not use them to confirm what the passages already say."""
_DOUBT = (
    "The search doubts that these passages answer the question. If they do not, say so first, in one sentence, then "
    "name the nearest thing they do tell. Do not answer from something that only sounds alike."
)
_DELIMITER = re.compile(r"<(?=\s*/?\s*(?:passage|selected_text|reader_page|question)\b)", re.IGNORECASE)


@cache
def _template() -> str:
    return (Path(__file__).parent / "instructions.md").read_text(encoding="utf-8")


@cache
def prompt_version() -> str:
    """Changes whenever the rules do, and with it every key of the answer cache."""
    return hashlib.sha256((_template() + _TOOL_RULES + _DOUBT).encode()).hexdigest()[:12]


def instructions(language: str, *, with_tools: bool) -> str:
    """The rules of the answer.

    Args:
        language: English name of the language to answer in, or a phrase that describes it.
        with_tools: Whether the model may take a second look.
    """
    return Template(_template()).substitute(language=language, tools=_TOOL_RULES if with_tools else "").strip()


def conversation_items(
    request: TurnRequest, evidence: Evidence, *, history_tokens: int, evidence_tokens: int
) -> list[TResponseInputItem]:
    """The conversation in the SDK's form; the question comes last, with its passages.

    Args:
        request: The turn.
        evidence: What was found.
        history_tokens: Most tokens of earlier turns.
        evidence_tokens: Most tokens of passages.
    """
    items: list[TResponseInputItem] = [
        {"role": "user" if message.from_reader else "assistant", "content": message.text}
        for message in trimmed_history(request.history, history_tokens)
    ]
    items.append({"role": "user", "content": question_with_material(request, evidence, evidence_tokens)})
    return items


def render_passage(number: int, passage: Passage) -> str:
    """One passage as numbered material that cannot end its own quotation."""
    heading = " › ".join([passage.title, *passage.heading_path])
    facts = f' version="{_attribute(passage.version)}"' if passage.version else ""
    facts += f' tabs="{_attribute(", ".join(passage.tabs))}"' if passage.tabs else ""
    facts += f' posted="{passage.published_at.ToDatetime():%Y-%m-%d}"' if passage.HasField("published_at") else ""
    return f'<passage number="{number}" from="{_attribute(heading)}"{facts}>\n{defused(passage.text)}\n</passage>'


def defused(text: str) -> str:
    """Material without anything that could pass for one of our delimiters."""
    return _DELIMITER.sub("‹", text)


def question_with_material(request: TurnRequest, evidence: Evidence, evidence_tokens: int) -> str:
    """The question below the passages it may be answered from, at most so many tokens of them."""
    parts = [render_passage(number, passage) for number, passage in chosen(evidence, evidence_tokens)]
    if request.page_title or request.page_uri:
        parts.append(f"<reader_page>{defused(request.page_title or request.page_uri)}</reader_page>")
    if request.tabs:
        parts.append(f"The reader has chosen these tabs on the site: {defused(', '.join(request.tabs))}.")
    if request.selected_text:
        parts.append(
            f"The reader selected this text:\n<selected_text>\n{defused(request.selected_text)}\n</selected_text>"
        )
    if evidence.is_doubtful:
        parts.append(_DOUBT)
    parts.append(f"Question: {request.question}")
    return "\n\n".join(parts)


def _attribute(text: str) -> str:
    return defused(text).replace('"', "'").replace("\n", " ")
