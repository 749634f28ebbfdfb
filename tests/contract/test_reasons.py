"""Which reasons a call can fail with: as its comment in the contract says, and as the code raises."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from docs_chat.errors.v1 import errors_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet

import services
from services.runtime.errors import ServiceError, reason_name

ROOT = Path(__file__).resolve().parents[2]
OF_EVERY_CALL = {"CALLER_UNAUTHENTICATED", "PERMISSION_DENIED", "DEADLINE_EXCEEDED", "OVERLOADED", "INTERNAL"}

_PUBLISHED_SITE = {"REQUEST_INVALID", "SITE_NOT_FOUND", "EMBEDDING_MODEL_MISMATCH", "INDEX_UNAVAILABLE"}
_OPEN_REVISION = {"REVISION_NOT_OPEN", "INDEX_UNAVAILABLE"}
_BEGIN = {"REQUEST_INVALID", "REVISION_CONFLICT", "EMBEDDING_MODEL_MISMATCH", "INDEX_UNAVAILABLE"}
_WRITE = {"REQUEST_INVALID", *_OPEN_REVISION, "CHUNK_TOO_LONG", "EMBEDDER_UNAVAILABLE", "PROVIDER_REFUSED"}
_READ_SOURCE = {"REQUEST_INVALID", "SOURCE_INVALID", "SERVICE_UNREACHABLE"}
_ASK_MODEL = {
    "PROVIDER_UNAVAILABLE",
    "PROVIDER_REFUSED",
    "QUOTA_MINUTE_EXHAUSTED",
    "QUOTA_DAY_EXHAUSTED",
    "QUEUE_FULL",
    "CONTENT_REFUSED",
    "TURN_INTERRUPTED",
}
RAISABLE = {
    "RetrieverService.SearchPassages": {*_PUBLISHED_SITE, "QUERY_INVALID"},
    "RetrieverService.SearchSections": _PUBLISHED_SITE,
    "RetrieverService.GetDocument": {*_PUBLISHED_SITE, "DOCUMENT_NOT_FOUND"},
    "RetrieverService.ListDocuments": _PUBLISHED_SITE,
    "RetrieverService.GetSite": _PUBLISHED_SITE,
    "RetrieverService.ListSites": {"INDEX_UNAVAILABLE"},
    "IndexService.GetChunkingProfile": set(),
    "IndexService.BeginRevision": _BEGIN,
    "IndexService.RenewLease": _OPEN_REVISION,
    "IndexService.WriteDocuments": _WRITE,
    "IndexService.PublishRevision": _OPEN_REVISION,
    "IndexService.AbandonRevision": _OPEN_REVISION,
    "IndexService.RollBack": {"SITE_NOT_FOUND", "REVISION_NOT_KEPT", "REVISION_CONFLICT", "INDEX_UNAVAILABLE"},
    "IndexService.DeleteSite": {"REVISION_CONFLICT", "INDEX_UNAVAILABLE"},
    "AgentService.RunTurn": {*_PUBLISHED_SITE, "SERVICE_UNREACHABLE", *_ASK_MODEL},
    "AgentService.GetModelStatus": {"PROVIDER_UNAVAILABLE"},
    "IngestService.IngestSite": {*_READ_SOURCE, "SOURCE_SUSPICIOUS", *_BEGIN, *_WRITE},
    "IngestService.InspectSource": {*_READ_SOURCE, "EMBEDDING_MODEL_MISMATCH"},
}
SERVED_BY = {
    "RetrieverService": "retriever",
    "IndexService": "retriever",
    "AgentService": "agent",
    "IngestService": "ingest",
}
# Errors that a service makes and answers itself: a search goes on without the model that orders its passages.
HANDLED = {"retriever": {"PROVIDER_UNAVAILABLE"}, "agent": set(), "ingest": set()}
# Where a reason may come from: a service's own code, what it shares with others, and the retriever behind it.
SOURCES = {
    "retriever": ("retriever", "runtime"),
    "agent": ("agent", "runtime", "retriever"),
    "ingest": ("ingest", "runtime", "retriever"),
}


@cache
def comments() -> dict[str, str]:
    """Each call's comment in the contract, by `Service.Call`."""
    files = FileDescriptorSet.FromString((ROOT / "protos" / "docs-chat.protoset").read_bytes())
    found = {}
    for file in files.file:
        for place in file.source_code_info.location:
            match list(place.path):
                case [6, service, 2, method]:
                    described = file.service[service]
                    found[f"{described.name}.{described.method[method].name}"] = place.leading_comments
    return found


def declared(comment: str) -> set[str]:
    """The reasons that a comment lists."""
    if "Reasons: only those of every call." in comment:
        return set()
    listed = re.search(r"Reasons: ([A-Z_,\s]+)\.", comment)
    assert listed, f"no list of reasons: {comment}"
    return set(re.split(r",\s+", listed[1]))


@cache
def reasons_made(service: str) -> dict[str, str]:
    """Reasons of the errors that the code of a service makes, each with a place where it does."""
    classes = dict(_error_classes(ServiceError))
    made: dict[str, str] = {}
    for path in sorted((ROOT / "services" / service).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
                made.setdefault(classes[node.func.id], f"{path.relative_to(ROOT)}:{node.lineno}")
    return made


def _error_classes(base: type[ServiceError]) -> Iterator[tuple[str, str]]:
    for kind in base.__subclasses__():
        yield kind.__name__, reason_name(kind.reason)
        yield from _error_classes(kind)


@pytest.fixture(scope="module", autouse=True)
def _all_errors_known() -> None:
    """Errors may be defined anywhere in the services; a class is known once its module is imported."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


@pytest.mark.parametrize("call", RAISABLE)
def test_the_contract_lists_the_reasons_of_a_call(call: str) -> None:
    assert declared(comments()[call]) == RAISABLE[call]


def test_no_call_is_forgotten_and_every_reason_exists() -> None:
    assert comments().keys() == RAISABLE.keys()
    known = {reason_name(number) for number in errors_pb2.ErrorReason.values()}
    assert set().union(*RAISABLE.values(), OF_EVERY_CALL) <= known


@pytest.mark.parametrize("service", SOURCES)
def test_what_a_service_raises_is_listed_with_one_of_its_calls(service: str) -> None:
    listed = {reason for call, reasons in RAISABLE.items() if _server(call) == service for reason in reasons}
    unlisted = {reason: place for reason, place in reasons_made(service).items() if reason not in listed}
    assert unlisted.keys() <= OF_EVERY_CALL | HANDLED[service], unlisted


@pytest.mark.parametrize("call", RAISABLE)
def test_what_a_call_lists_is_raised_somewhere(call: str) -> None:
    made = {reason for service in SOURCES[_server(call)] for reason in reasons_made(service)}
    assert RAISABLE[call] <= made


def _server(call: str) -> str:
    return SERVED_BY[call.partition(".")[0]]
