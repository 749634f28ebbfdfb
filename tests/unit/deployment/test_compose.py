"""Containers and examples name only what exists. No container engine is needed to know that."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from cli.connection import CliSettings
from gateway.settings import GatewaySettings
from scripts.compose_environment import COMPOSE as COMPOSE_FILE
from scripts.compose_environment import OUTGOING, SETTINGS, written

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if name not in ("qdrant", "cli")}
FOR_COMPOSE_ITSELF = {"QDRANT_API_KEY", "SITE_DIR"}


def names_of(settings: type[BaseSettings]) -> set[str]:
    prefix = str(settings.model_config.get("env_prefix", ""))
    names: set[str] = set()
    for name, field in settings.model_fields.items():
        alias = field.validation_alias or prefix + name.upper()
        names |= set(map(str, alias.choices)) if isinstance(alias, AliasChoices) else {str(alias)}
    return names


@pytest.mark.parametrize("service", sorted(OURS))
def test_a_container_runs_a_module_that_exists_with_settings_that_exist(service: str) -> None:
    python, flag, module = OURS[service]["command"]
    assert (python, flag) == ("python", "-m")
    assert find_spec(module) is not None
    assert set(OURS[service]["environment"]) <= names_of(SETTINGS[service]) | set(OUTGOING)


def test_the_four_processes_and_the_engine_are_there() -> None:
    assert set(SETTINGS) | {"qdrant", "cli"} == set(COMPOSE["services"])


def test_every_dependency_is_a_service_with_a_health_check() -> None:
    for name, service in OURS.items():
        for dependency in service.get("depends_on", {}):
            assert "healthcheck" in COMPOSE["services"][dependency], f"{name} waits for {dependency}"


def test_only_the_gateway_is_reachable_from_outside_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    assert set(published) == {"gateway"}
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


@pytest.mark.parametrize("named", ["", "chat.example.com,docs.example.com", "*"])
def test_the_gateway_answers_to_its_name_in_the_network_and_to_those_of_the_readers(named: str) -> None:
    environment = OURS["gateway"]["environment"]
    hosts = environment["GATEWAY_ALLOWED_HOSTS"].replace("${GATEWAY_ALLOWED_HOSTS:-}", named)
    settings = GatewaySettings(_env_file=None, host=environment["GATEWAY_HOST"], allowed_hosts=hosts)
    assert settings.allowed_hosts == ("gateway", *filter(None, named.split(",")))


def test_health_checks_ask_the_port_the_process_listens_on() -> None:
    for name, service in OURS.items():
        port = SETTINGS[name].model_fields["port"].default
        assert f":{port}" in service["healthcheck"]["test"][-1]


def test_the_terminal_is_told_where_the_services_are_by_settings_that_exist() -> None:
    assert set(COMPOSE["services"]["cli"]["environment"]) <= names_of(CliSettings)


def test_named_volumes_are_declared() -> None:
    used = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service.get("volumes", [])}
    assert {name for name in used if re.fullmatch(r"[a-z]+", name)} == set(COMPOSE["volumes"])


def test_the_image_copies_only_what_exists_and_what_is_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in allowed, source


def test_the_example_names_only_settings_that_exist() -> None:
    named = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named <= set().union(*(names_of(settings) for settings in SETTINGS.values())) | FOR_COMPOSE_ITSELF
    assert "OPENROUTER_API_KEY" in named


def test_each_container_is_handed_its_own_settings() -> None:
    """`python -m scripts.compose_environment` brings the lists up to date."""
    text = COMPOSE_FILE.read_text()
    assert written(text) == text


def test_no_container_gets_the_whole_env_file() -> None:
    assert not any("env_file" in service for service in COMPOSE["services"].values())


SECRETS = {
    "OPENROUTER_API_KEY": {"agent", "retriever"},
    "GATEWAY_DATABASE_URL": {"gateway"},
    "GATEWAY_SECRET": {"gateway"},
    "GATEWAY_API_KEYS": {"gateway"},
    "GATEWAY_LOGIN_SECRET": {"gateway"},
    "GATEWAY_LIMITS_URL": {"gateway"},
    "GATEWAY_CALLER_TOKEN": {"gateway"},
    "AGENT_CALLER_TOKEN": {"agent"},
    "AGENT_REDIS_URL": {"agent"},
    "INGEST_CALLER_TOKEN": {"ingest"},
    "DOCS_CHAT_CALLER_TOKEN": {"cli"},
    "QDRANT_API_KEY": {"qdrant", "retriever"},
}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_reaches_only_who_needs_it(secret: str) -> None:
    pattern = re.compile(rf"(?<![A-Z_]){secret}(?![A-Z_])")
    reached = {
        name
        for name, service in COMPOSE["services"].items()
        if any(pattern.search(f"{key} {value or ''}") for key, value in service["environment"].items())
    }
    assert reached == SECRETS[secret]


def test_the_retriever_gets_the_key_only_with_models_of_openrouter() -> None:
    environment = OURS["retriever"]["environment"]
    assert environment["OPENROUTER_API_KEY"].startswith("${RETRIEVER_EMBEDDING:+")
    assert environment["RETRIEVER_OPENROUTER_API_KEY"].startswith("${RETRIEVER_RERANK:+")


def test_hosts_and_ports_of_the_env_file_stay_outside() -> None:
    for name, service in OURS.items():
        environment = service["environment"]
        assert environment[f"{name.upper()}_HOST"] == "0.0.0.0"
        assert f"{name.upper()}_PORT" not in environment
    assert OURS["gateway"]["ports"] == ["127.0.0.1:${GATEWAY_PORT:-8000}:8000"]


def test_every_service_that_others_reach_knows_its_callers() -> None:
    for name in ("retriever", "agent", "ingest"):
        assert "DOCS_CHAT_CALLERS" in OURS[name]["environment"]
    assert OURS["ingest"]["environment"]["INGEST_ALLOWED_ROOTS"] == "/site"
    assert "DOCS_CHAT_ALLOW_STRANGERS" not in COMPOSE_FILE.read_text()


def test_containers_write_only_where_their_data_is() -> None:
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
