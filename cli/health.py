"""`docs-chat health`: does a process answer? For container health checks and scripts."""

import argparse
import asyncio
import sys
import urllib.error
import urllib.request
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from cli.connection import CliSettings
from cli.exit_codes import FAILED, OK
from services.runtime.channels import ChannelSecurity, open_channel


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("health", help="ask one process whether it is serving; exit code 0 if it does")
    parser.add_argument("target", help="host:port of a gRPC service, or the http address of the gateway's health page")
    parser.add_argument("--timeout", type=float, default=3.0, metavar="SECONDS", help="longest wait (default: 3)")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Ask and print."""
    if args.target.startswith("http"):
        answer = await asyncio.to_thread(_http, args.target, args.timeout)
    else:
        answer = await _grpc(args.target, args.timeout)
    print(answer, file=sys.stdout if answer == "SERVING" else sys.stderr)
    return OK if answer == "SERVING" else FAILED


async def _grpc(target: str, timeout_s: float) -> str:
    async with open_channel(target, ChannelSecurity.from_settings(CliSettings())) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        try:
            status = (await stub.Check(health_pb2.HealthCheckRequest(), timeout=timeout_s)).status
        except grpc.aio.AioRpcError as error:
            return f"no answer from {target}: {error.code().name}"
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(status))


def _http(address: str, timeout_s: float) -> str:
    try:
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy's answer would say nothing
        with straight.open(address, timeout=timeout_s) as response:
            return "SERVING" if response.status == 200 else f"status {response.status} from {address}"
    except (urllib.error.URLError, OSError, ValueError) as error:
        return f"no answer from {address}: {error}"
