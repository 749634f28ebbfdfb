"""How many characters may be scanned in vain, so that no text takes quadratic time to parse."""

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

BUDGET_CHARS = 1_000_000


class ParserOverwhelmed(Exception):
    """The text has so many unclosed tags or braces that Docusaurus could not compile it either."""


def spend(state: StateBlock | StateInline, characters: int) -> None:
    """Pay for a scan that reached the end of its container and found nothing.

    Raises:
        ParserOverwhelmed: If the page has used up its budget.
    """
    state.env["spent"] = state.env.get("spent", 0) + characters
    if state.env["spent"] > BUDGET_CHARS:
        raise ParserOverwhelmed
