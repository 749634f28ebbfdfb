"""Write the reference of the plugin's options into `docs/docs/ask/options.mdx`, from the comments of their types.

`python -m scripts.panel_options_page` writes the page; a test compares it with what the types say.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "frontend" / "docusaurus-plugin-docs-chat" / "src" / "plugin" / "options.ts"
EVENTS = ROOT / "frontend" / "docusaurus-plugin-docs-chat" / "src" / "chat_events.ts"
PAGE = ROOT / "docs" / "docs" / "ask" / "options.mdx"

HEAD = """---
title: All options and events of the panel
description: Every option of the plugin with its type and default, and every event with its details.
---

{/* Written by scripts/panel_options_page.py from the types of the plugin. */}

All options may be left out. A wrong one stops the build with a message that names it. In TypeScript,
`import type {Options} from 'docusaurus-plugin-docs-chat'` and `satisfies Options` show a wrong one in the editor.

```js title="docusaurus.config.js"
plugins: [['docusaurus-plugin-docs-chat', {endpoint: 'https://chat.example.com', askAboutPage: true}]],
```

"""
_MEMBER = re.compile(r"/\*\*(?P<doc>.*?)\*/\s*(?P<name>[\w\"-]+)\??:\s*(?P<type>.*?);\n", re.DOTALL)
_DEFAULT = re.compile(r"@default (?P<value>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an interface: what it is called, which values it takes, what its comment says."""

    name: str
    type: str
    text: str
    default: str


def members(source: str, interface: str) -> list[Member]:
    """The members of an exported interface that have a comment, in order.

    Raises:
        LookupError: If the source has no such interface.
    """
    found = re.search(rf"export interface {interface}\b[^{{]*\{{\n(.*?)\n\}}\n", source, re.DOTALL)
    if found is None:
        raise LookupError(f"there is no interface {interface}")
    return [_member(match) for match in _MEMBER.finditer(found[1] + "\n")]


def page() -> str:
    """The whole page as Markdown."""
    options, events = SOURCE.read_text("utf-8"), EVENTS.read_text("utf-8")
    told = members(events, "ChatEvents")
    parts = [
        "## Which options does the plugin take? {#options}\n",
        _table(members(options, "Options"), ("option", "type", "default", "meaning")),
        "## What is a group of starting questions? {#starting-questions}\n",
        _table(members(options, "StartingQuestions"), ("field", "type", "meaning")),
        "## Which events are there? {#events}\n",
        "Each is an event `docs-chat:<name>` of the document; [how to use them](./analytics.mdx#events).\n",
        _table(told, ("event", "meaning")),
        "## What does an event tell? {#details}\n",
        *(_details(events, told, kind) for kind in dict.fromkeys(event.type for event in told)),
    ]
    return HEAD + "\n".join(parts)


def _details(events: str, told: list[Member], kind: str) -> str:
    """What one kind of event tells, below the names of the events."""
    names = ", ".join(f"`{event.name}`" for event in told if event.type == kind) if kind != "ChatEventPlace" else "All"
    return f"{names}:\n\n{_table(members(events, kind), ('detail', 'type', 'meaning'))}"


def _member(match: "re.Match[str]") -> Member:
    text = " ".join(re.sub(r"^\s*\*", "", line).strip() for line in match["doc"].strip().splitlines())
    default = _DEFAULT.search(text)
    kind = " ".join(match["type"].split())
    return Member(
        match["name"].strip('"'),
        kind,
        (text[: default.start()] if default else text).strip(),
        default["value"].strip() if default else "",
    )


def _table(rows: list[Member], heads: tuple[str, ...]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        cells = {
            "type": f"`{row.type}`",
            "default": f"`{row.default}`" if re.match(r'["\[\d]|true|false', row.default) else row.default or "–",
            "meaning": row.text,
        }
        lines.append("| " + " | ".join(_cell(cells.get(head, f"`{row.name}`")) for head in heads) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """One table cell; MDX would take braces and angle brackets outside code for code of its own."""
    parts = text.replace("|", "\\|").split("`")
    parts[::2] = [part.replace("{", "\\{").replace("<", "\\<") for part in parts[::2]]
    return "`".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
