"""How well planted inventions are told from what real documentation says, on sites named by DOCS_CHAT_CORPORA.

An answer is made of a real section: its sentences with code spans and its code, the code adapted as a model adapts it
(a variable renamed, a comment added). One invention is planted in a copy of it: a flag, a function, an option, a path.
"""

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from services.agent.answer.grounding import check_grounding
from services.agent.quoting.blocks import BlockKind, split_blocks

SITES = ("redux/docs", "redux-toolkit/docs", "react-native-website/docs")
SECTIONS_PER_SITE = 150

INVENTIONS = (
    "`--strict-hydration`",
    "`createShadowStore`",
    "`enableTurboPersist`",
    "`useDeferredSelectorMap`",
    "`config/telepathy.json`",
    "`AGENT_WARP_FACTOR`",
    "`@redux/quantum-cache`",
    "`store.freezeAll()`",
    "`maxRetryBudget`",
    "```js\nconfigureQuantumStore({ warpSpeed: 9 })\n```",
    "It listens on port 48731.",
    "This needs version 97.43 or newer.",
    "At most 7,351 of them are kept.",
    "```bash\nnpx redux-teleport init\n```",
    "```js\nimport { entangle } from 'redux-toolbelt'\n```",
)


@pytest.fixture(scope="module")
def sections() -> list[tuple[str, str]]:
    """Pairs of a page's text and one section of it that holds code."""
    folder = os.environ.get("DOCS_CHAT_CORPORA")
    if not folder:
        pytest.skip("DOCS_CHAT_CORPORA does not name the folder of the real sites")
    chosen: list[tuple[str, str]] = []
    for site in SITES:
        found = []
        for page in sorted((Path(folder) / site).rglob("*.md*")):
            text = page.read_text(encoding="utf-8", errors="replace")
            parts = re.split(r"(?m)^#{2,3} ", text)
            found += [(text, part) for part in parts[1:] if "```" in part and "`" in part.split("```")[0]]
        chosen += random.Random(1).sample(found, min(SECTIONS_PER_SITE, len(found)))
    return chosen


def answer_from(section: str) -> str:
    """What a model would make of a section: some of its sentences, and its code, slightly adapted."""
    blocks = [block for block in split_blocks(section) if block.kind in (BlockKind.PROSE, BlockKind.CODE)]
    prose = [block.text for block in blocks if block.kind is BlockKind.PROSE and "`" in block.text][:2]
    code = next((block.text for block in blocks if block.kind is BlockKind.CODE), "")
    names = re.findall(r"\b(?:const|let)\s+([a-z]\w+)\s*=", code)
    adapted = re.sub(rf"\b{names[0]}\b", "myRenamedValue", code) if names else code
    first, newline, rest = adapted.partition("\n")
    return "\n\n".join([*prose, f"{first}{newline}// adapted from the docs\n{rest}"])


@pytest.mark.corpus
def test_planted_inventions_are_found_and_real_names_are_not(
    sections: list[tuple[str, str]], record_property: Callable[[str, object], None]
) -> None:
    caught, alarms, checked = 0, 0, 0
    for number, (page, section) in enumerate(sections):
        answer = answer_from(section)
        clean = check_grounding(answer, [page])
        alarms += bool(clean.not_found)
        checked += clean.checked_count
        planted = check_grounding(f"{answer}\n\nUse this:\n\n{INVENTIONS[number % len(INVENTIONS)]}", [page])
        caught += len(planted.not_found) > len(clean.not_found)
    recall, alarm_rate = caught / len(sections), alarms / len(sections)
    record_property("recall", recall)
    record_property("false_alarms", alarm_rate)
    record_property("names_checked", checked)
    assert recall >= 0.9
    assert alarm_rate <= 0.05
