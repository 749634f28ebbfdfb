"""Calls between our processes can be encrypted, and callers can be asked for a certificate."""

from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings


@pytest.fixture
def authority(tmp_path: Path) -> dict[str, Path]:
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    files = {"tls_ca": tmp_path / "ca.pem", "tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    authority.cert_pem.write_to_path(files["tls_ca"])
    leaf.cert_chain_pems[0].write_to_path(files["tls_cert"])
    leaf.private_key_pem.write_to_path(files["tls_key"])
    return files


async def check_health(port: int, security: ChannelSecurity) -> int:
    async with open_channel(f"127.0.0.1:{port}", security) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        response = await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)
        return int(response.status)


def a_server(**settings: Any) -> GrpcServer:
    return GrpcServer("agent", ServiceSettings(_env_file=None, port=0, **settings), [], lambda server: None)


async def test_a_caller_that_trusts_the_authority_gets_through(authority: dict[str, Path]) -> None:
    async with running(a_server(**authority)) as server:
        security = ChannelSecurity(ca=authority["tls_ca"].read_bytes())
        assert await check_health(server.port, security) == health_pb2.HealthCheckResponse.SERVING


async def test_a_caller_without_encryption_is_not_understood(authority: dict[str, Path]) -> None:
    async with running(a_server(**authority)) as server:
        with pytest.raises(grpc.aio.AioRpcError):
            await check_health(server.port, ChannelSecurity())


async def test_a_caller_without_certificate_is_refused_when_one_is_required(authority: dict[str, Path]) -> None:
    async with running(a_server(**authority, require_client_certificate=True)) as server:
        with pytest.raises(grpc.aio.AioRpcError):
            await check_health(server.port, ChannelSecurity(ca=authority["tls_ca"].read_bytes()))
        files: dict[str, Any] = dict(authority)
        security = ChannelSecurity.from_settings(ServiceSettings(_env_file=None, port=0, **files))
        assert await check_health(server.port, security) == health_pb2.HealthCheckResponse.SERVING


def test_half_a_certificate_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    with pytest.raises(ValueError, match="set both or neither"):
        ServiceSettings(_env_file=None, port=0, tls_cert=tmp_path / "cert.pem")
