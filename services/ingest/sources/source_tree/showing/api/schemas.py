"""JSON schemas as nested lists: a line for each property, with its type, what it must be, and its description."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.ingest.document import Block, BlockKind
from services.ingest.sources.source_tree.showing.api.facts import facts_of, type_name
from services.ingest.sources.source_tree.showing.lists import item_text

MAX_DEPTH = 12
MAX_ITEMS = 2_000
"""Most lines of one schema; a longer one is cut."""
Describe = Callable[[str], list[Block]]


@dataclass(slots=True)
class Item:
    """One line of the list with what stands below it."""

    head: str
    blocks: list[Block] = field(default_factory=list)
    items: list["Item"] = field(default_factory=list)

    def markdown(self) -> str:
        """The item as Markdown, without its marker."""
        texts = [block.markdown for block in self.blocks]
        if self.head and self.blocks and self.blocks[0].kind is BlockKind.PROSE:
            texts[0] = f"{self.head}: {texts[0]}"
        elif self.head:
            texts.insert(0, self.head)
        return "\n".join([*texts, *(item.listed() for item in self.items)])

    def listed(self) -> str:
        """The item as a line of a list."""
        return item_text("- ", self.markdown())


class SchemaWriter:
    """Writes schemas of a request, without what is only read, or of a response, without what is only written.

    Args:
        describe: Turns the Markdown of a description into blocks.
        is_request: Whether these are schemas of a request.
    """

    def __init__(self, describe: Describe, *, is_request: bool) -> None:
        self._describe = describe
        self._hidden = "readOnly" if is_request else "writeOnly"
        self._count = 0

    def items(self, schema: Any, depth: int = 0) -> list[Item]:
        """What is in a schema: its properties, the entries of a list, the ways to choose from."""
        schema = merged(schema)
        if isinstance(schema, str):
            return [Item(schema)]
        if not isinstance(schema, dict) or depth > MAX_DEPTH or self._is_hidden(schema):
            return []
        return [*self._choices(schema, depth), *self._properties(schema, depth), *self._entries(schema, depth)]

    def whole(self, schema: Any) -> list[Item]:
        """A schema with a line for itself when it has no properties to show."""
        schema = merged(schema)
        items = self.items(schema)
        is_simple = isinstance(schema, dict) and not items and not self._is_hidden(schema)
        return [self.item("", schema, is_required=False)] if is_simple and type_name(schema) else items

    def item(self, name: str, schema: Any, *, is_required: bool, depth: int = 0) -> Item:
        """One property or parameter."""
        self._count += 1
        schema = merged(schema)
        if not isinstance(schema, dict):
            return Item(_head(name, str(schema) if isinstance(schema, str) else "", []))
        notes = [
            *(["required"] if is_required else []),
            *(["nullable"] if schema.get("nullable") is True else []),
            *(["deprecated"] if schema.get("deprecated") is True else []),
        ]
        description = schema.get("description")
        blocks = self._describe(description) if isinstance(description, str) else []
        blocks += self._describe("  \n".join(facts_of(schema)))
        return Item(_head(name, type_name(schema), notes), blocks, self.items(schema, depth + 1))

    def _is_hidden(self, schema: Any) -> bool:
        return isinstance(schema, dict) and schema.get(self._hidden) is True

    def _properties(self, schema: dict[str, Any], depth: int) -> Iterator[Item]:
        required = schema.get("required")
        properties = schema.get("properties")
        for name, inner in properties.items() if isinstance(properties, dict) else ():
            if self._count >= MAX_ITEMS:
                return
            if self._is_hidden(merged(inner)):
                continue
            is_required = isinstance(required, list) and name in required
            yield self.item(str(name), _told_apart(name, inner, schema), is_required=is_required, depth=depth)
        more = schema.get("additionalProperties")
        if more is True or isinstance(more, dict | str):
            inner = more if more and more is not True else {"type": "any"}
            yield self.item("property name*", inner, is_required=False, depth=depth)

    def _entries(self, schema: dict[str, Any], depth: int) -> Iterator[Item]:
        entry = merged(schema.get("items"))
        if isinstance(entry, dict | str):
            yield from self.items(entry, depth + 1)

    def _choices(self, schema: dict[str, Any], depth: int) -> Iterator[Item]:
        for key in ("oneOf", "anyOf"):
            options = schema.get(key)
            for index, option in enumerate(options if isinstance(options, list) else (), start=1):
                yield self._choice(f"{key}:", option, f"Option {index}", depth)
        mapping = (schema.get("discriminator") or {}).get("mapping") if _is_discriminated(schema) else None
        for name, option in mapping.items() if isinstance(mapping, dict) and "oneOf" not in schema else ():
            if isinstance(option, dict):
                yield self._choice("", option, str(name), depth)

    def _choice(self, key: str, option: Any, otherwise: str, depth: int) -> Item:
        option = merged(option)
        title = option.get("title") if isinstance(option, dict) else None
        made = self.item("", option, is_required=False, depth=depth)
        label = title if isinstance(title, str) else made.head or otherwise
        kind = option.get("type") if isinstance(option, dict) and isinstance(title, str) else None
        words = [key, f"**{label}**", kind if isinstance(kind, str) and kind != "object" else ""]
        return Item(" ".join(word for word in words if word), made.blocks, made.items)


def listed(items: Iterable[Item]) -> str:
    """Items as a Markdown list."""
    return "\n".join(item.listed() for item in items)


def _head(name: str, type_text: str, notes: list[str]) -> str:
    parts = [f"**{name}**" if name else "", type_text, ", ".join(notes)]
    return " ".join(part for part in parts if part)


def _told_apart(name: Any, inner: Any, schema: dict[str, Any]) -> Any:
    """A property, with the names of the variants as its values if it is the one that tells them apart."""
    discriminator = schema.get("discriminator")
    known = discriminator if isinstance(discriminator, dict) else {}
    mapping = known.get("mapping")
    inner = merged(inner)
    if known.get("propertyName") != name or not isinstance(mapping, dict) or not isinstance(inner, dict):
        return inner
    return {"enum": list(mapping)} | inner


def _is_discriminated(schema: dict[str, Any]) -> bool:
    return isinstance(schema.get("discriminator"), dict)


def merged(schema: Any, depth: int = 0) -> Any:
    """A schema without `allOf`: its parts are put together, and the first of two that disagree wins."""
    parts = schema.get("allOf") if isinstance(schema, dict) else None
    if not isinstance(parts, list) or depth > MAX_DEPTH:
        return schema
    whole = {key: value for key, value in schema.items() if key != "allOf"}
    for part in [merged(one, depth + 1) for one in parts]:
        if isinstance(part, str) and len(parts) == 1:
            return part
        _add(whole, part if isinstance(part, dict) else {}, depth)
    return whole


def _add(whole: dict[str, Any], part: dict[str, Any], depth: int) -> None:
    for key, value in part.items():
        old = whole.get(key)
        if key == "properties" and isinstance(old, dict) and isinstance(value, dict):
            both = {name: merged({"allOf": [old[name], value[name]]}, depth + 1) for name in old.keys() & value.keys()}
            whole[key] = {**old, **value, **both}
        elif key == "required" and isinstance(old, list) and isinstance(value, list):
            whole[key] = [*old, *value]
        else:
            whole.setdefault(key, value)
