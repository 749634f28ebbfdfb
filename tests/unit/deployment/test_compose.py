"""Containers and examples name only what exists. No container engine is needed to know that."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from cli.connection import CliSettings
from gateway.settings import GatewaySettings
from services.agent.settings import AgentSettings
from services.ingest.settings import IngestSettings
from services.retriever.settings import RetrieverSettings

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if name not in ("qdrant", "cli")}
SETTINGS: dict[str, type[BaseSettings]] = {
    "retriever": RetrieverSettings,
    "agent": AgentSettings,
    "ingest": IngestSettings,
    "gateway": GatewaySettings,
}
FOR_COMPOSE_ITSELF = {"QDRANT_API_KEY", "SITE_DIR"}


def names_of(settings: type[BaseSettings]) -> set[str]:
    prefix = str(settings.model_config.get("env_prefix", ""))
    return {
        str(field.validation_alias) if field.validation_alias else prefix + name.upper()
        for name, field in settings.model_fields.items()
    }


@pytest.mark.parametrize("service", sorted(OURS))
def test_a_container_runs_a_module_that_exists_with_settings_that_exist(service: str) -> None:
    python, flag, module = OURS[service]["command"]
    assert (python, flag) == ("python", "-m")
    assert find_spec(module) is not None
    assert set(OURS[service]["environment"]) <= names_of(SETTINGS[service])


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
