"""Every custom property that the panel reads is on a page."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
STYLES = ROOT / "frontend" / "docusaurus-plugin-docs-chat" / "src"
PAGES = [ROOT / "docs" / "docs" / "ask" / name for name in ("panel.mdx", "search.mdx")]


def test_every_custom_property_is_documented() -> None:
    used = {
        name for path in STYLES.rglob("*.css") for name in re.findall(r"var\((--docs-chat-[\w-]+)", path.read_text())
    }
    documented = {name for page in PAGES for name in re.findall(r"`(--docs-chat-[\w-]+)`", page.read_text("utf-8"))}
    assert used <= documented, used - documented
