"""Write `docs/docs/configuration.md` from the settings classes, so that the page cannot fall behind the code.

`python -m scripts.configuration_page` writes the page; a test compares it with what the classes say.
"""

import ast
import inspect
import textwrap
from pathlib import Path

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from gateway.settings import GatewaySettings
from services.agent.settings import AgentSettings
from services.ingest.settings import IngestSettings
from services.retriever.settings import RetrieverSettings
from services.runtime.settings import ProcessSettings, ServiceSettings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "docs" / "configuration.md"

HEAD = """---
title: Configuration
description: Every setting of the four processes, with its default.
---

{/* Written by scripts/configuration_page.py from the settings classes. */}

Settings are environment variables. Each process also reads a file `.env` in its working directory; what the environment
says wins. Everything has a default. A value that is not valid stops the process with a message that names the setting.

"""

SECTIONS: tuple[tuple[str, str, str, type[ProcessSettings]], ...] = (
    ("All processes", "all-processes", "Read by each of the four.", ProcessSettings),
    (
        "Each gRPC service",
        "each-grpc-service",
        "With the prefix of the service: `RETRIEVER_`, `AGENT_` or `INGEST_`. The gateway has settings of its own.",
        ServiceSettings,
    ),
    (
        "Gateway",
        "gateway",
        "HTTP, conversations, readers and limits. Which door asks for what: [who may enter](./operate/access.md).",
        GatewaySettings,
    ),
    ("Agent", "agent", "Models, quota and kept answers.", AgentSettings),
    ("Retriever", "retriever", "The index and the search.", RetrieverSettings),
    ("Ingest", "ingest", "Reading sites.", IngestSettings),
)


def page() -> str:
    """The whole page as Markdown."""
    return HEAD + "\n".join(_section(*section) for section in SECTIONS)


def _section(title: str, anchor: str, about: str, settings: type[ProcessSettings]) -> str:
    docs = _field_docs(settings)
    rows = [
        f"| `{_variable(name, settings)}` | {_default(settings.model_fields[name])} | {_cell(doc)} |"
        for name, doc in docs.items()
    ]
    return "\n".join(
        [
            f"## {title} {{#{anchor}}}\n",
            f"{about}\n",
            "| setting | default | what it does |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _field_docs(settings: type[ProcessSettings]) -> dict[str, str]:
    """Fields that the class itself defines, in order, with the string below each."""
    body = ast.parse(textwrap.dedent(inspect.getsource(settings))).body[0]
    assert isinstance(body, ast.ClassDef)
    docs = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else ""
            docs[field.target.id] = str(text)
    return docs


def _variable(name: str, settings: type[ProcessSettings]) -> str:
    alias = settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    if isinstance(alias, str):
        return alias
    prefix = "<PREFIX>_" if settings is ServiceSettings else settings.model_config.get("env_prefix", "")
    return f"{prefix}{name}".upper()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "its own"
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        value = ",".join(str(item) for item in value)
    if isinstance(value, bool):
        value = str(value).lower()
    return "–" if value in ("", None) else f"`{value}`"


def _cell(text: str) -> str:
    """One table cell; MDX would take braces and angle brackets outside code for code of its own."""
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    parts[::2] = [part.replace("{", "\\{").replace("<", "\\<") for part in parts[::2]]
    return "`".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
