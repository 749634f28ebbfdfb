"""Write into `compose.yaml` which settings of `.env` each container gets: its own, and no other's.

`python -m scripts.compose_environment` writes the lists; a test compares them with the settings classes. A name without
a value is taken from `.env` or the shell by Compose, and left out where neither has it.
"""

import re
from pathlib import Path

from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from gateway.settings import GatewaySettings
from services.agent.settings import AgentSettings
from services.ingest.settings import IngestSettings
from services.retriever.settings import RetrieverSettings

COMPOSE = Path(__file__).resolve().parent.parent / "compose.yaml"
SETTINGS: dict[str, type[BaseSettings]] = {
    "retriever": RetrieverSettings,
    "agent": AgentSettings,
    "ingest": IngestSettings,
    "gateway": GatewaySettings,
}
OUTGOING = ("HTTPS_PROXY", "NO_PROXY")
"""Of those that reach out into the world."""
_REACHING_OUT = ("retriever", "agent", "gateway")
_OF_THE_CONTAINER = re.compile(
    r"[A-Z]+_(HOST|PORT|DATA_DIR|REQUIRE_CLIENT_CERTIFICATE)|\w+_TARGET|DOCS_CHAT_(TLS_\w+|CALLER\w*|ALLOW_STRANGERS)"
)
"""What compose.yaml itself decides, or what needs a file that an override has to mount."""
_BLOCK = "      # Taken from .env; written by scripts/compose_environment.py\n"


def handed_on(service: str, fixed: set[str]) -> list[str]:
    """Settings that a service takes from `.env`.

    Args:
        service: Its name in compose.yaml.
        fixed: Those that compose.yaml gives a value.
    """
    names = [name for name in names_of(SETTINGS[service]) if not _OF_THE_CONTAINER.fullmatch(name)]
    names += OUTGOING if service in _REACHING_OUT else ()
    return sorted(set(names) - fixed)


def names_of(settings: type[BaseSettings]) -> list[str]:
    """The variables of a class, of each setting the one that is its own."""
    prefix = str(settings.model_config.get("env_prefix", ""))
    names = []
    for name, field in settings.model_fields.items():
        alias = field.validation_alias
        own = alias.choices[0] if isinstance(alias, AliasChoices) else alias
        names.append(str(own) if own else f"{prefix}{name}".upper())
    return names


def written(text: str) -> str:
    """The text of compose.yaml with the lists as they should be."""
    for service in SETTINGS:
        start = text.index(f"\n  {service}:\n")
        block = text.index(_BLOCK, start)
        fixed = set(re.findall(r"^      ([A-Z_]+): ", text[start:block], re.MULTILINE))
        list_start = block + len(_BLOCK)
        old = re.match(r"(?:      [A-Z_]+:\n)*", text[list_start:])
        assert old is not None
        lines = "".join(f"      {name}:\n" for name in handed_on(service, fixed))
        text = text[:list_start] + lines + text[list_start + old.end() :]
    return text


if __name__ == "__main__":
    COMPOSE.write_text(written(COMPOSE.read_text(encoding="utf-8")), encoding="utf-8")
