"""Every custom property that the panel reads is on the page that promises the list."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
STYLES = ROOT / "frontend" / "docusaurus-plugin-docs-chat" / "src"
PAGE = ROOT / "docs" / "docs" / "ask" / "customise.mdx"


def test_every_custom_property_is_documented() -> None:
    used = {
        name for path in STYLES.rglob("*.css") for name in re.findall(r"var\((--docs-chat-[\w-]+)", path.read_text())
    }
    documented = set(re.findall(r"`(--docs-chat-[\w-]+)`", PAGE.read_text("utf-8")))
    assert used == documented
