"""Logins by public keys: a PEM, or what a login service publishes on a real port."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import ValidationError

from gateway.readers.key_set import KeySet
from gateway.readers.logins import LoginPolicy, Logins
from gateway.settings import GatewaySettings
from services.runtime.errors import CallerUnauthenticated, ServiceUnreachable

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


@dataclass
class LoginService:
    """Publishes keys on a real port; can break, and can change its keys."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    fetches: int = 0
    url: str = ""
    moved_to: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[LoginService]:
    service = LoginService(keys=[published(RSA, "one")])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.fetches += 1
            service.asked.append(self.path)
            self.send_response(service.status)
            if service.moved_to:
                self.send_header("Location", service.moved_to)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": service.keys}).encode())

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}/keys"
    yield service
    server.shutdown()
    server.server_close()


def published(key: Any, key_id: str, **fields: Any) -> dict[str, Any]:
    algorithm: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id, "use": "sig", **fields}


def pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def a_token(key: Any = RSA, *, kid: str = "one", algorithm: str = "RS256", **claims: Any) -> str:
    told = {"sub": "ada", "exp": time.time() + 60, "iss": "https://login.example", "aud": "docs"} | claims
    return jwt.encode(told, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS256"), (CURVE, "ES256"), (ED, "EdDSA")])
async def test_a_public_key_believes_what_its_private_key_signed(key: Any, algorithm: str) -> None:
    logins = Logins(LoginPolicy(public_key=pem(key)))
    assert await logins.subject(a_token(key, algorithm=algorithm)) == "ada"
    with pytest.raises(CallerUnauthenticated):
        await logins.subject(a_token(OTHER_RSA))


async def test_a_public_key_is_no_shared_secret() -> None:
    """The oldest trick: sign with HS256, and the public key as secret."""
    header, payload = (
        jwt.utils.base64url_encode(json.dumps(part).encode()) for part in ({"alg": "HS256"}, {"sub": "eve"})
    )
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        header + b"." + payload, pem(RSA).encode()
    )
    forged = b".".join((header, payload, jwt.utils.base64url_encode(signature))).decode()
    unsigned = jwt.encode({"sub": "eve", "exp": time.time() + 60}, "", algorithm="none")
    for policy in (LoginPolicy(public_key=pem(RSA)), LoginPolicy(secret="s" * 32)):
        for token in (forged, unsigned, "", "a.b.c"):
            with pytest.raises(CallerUnauthenticated):
                await Logins(policy).subject(token)


async def test_published_keys_are_fetched_once(service: LoginService) -> None:
    logins = Logins(LoginPolicy(jwks_url=service.url))
    assert service.fetches == 0
    assert {await logins.subject(a_token()) for _ in range(5)} == {"ada"}
    assert await logins.subject(a_token(kid="")) == "ada"
    assert service.fetches == 1


@pytest.mark.parametrize(
    "claims", [{"iss": "https://evil.example"}, {"aud": "shop"}, {"exp": time.time() - 60}, {"sub": None}]
)
async def test_issuer_audience_and_expiry_count(service: LoginService, claims: dict[str, Any]) -> None:
    policy = LoginPolicy(jwks_url=service.url, issuer="https://login.example", audience="docs")
    assert await Logins(policy).subject(a_token()) == "ada"
    with pytest.raises(CallerUnauthenticated):
        await Logins(policy).subject(a_token(**claims))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_keys_come_from_the_address_that_was_configured_and_from_no_other(
    service: LoginService, status: int
) -> None:
    service.status, service.moved_to = status, service.url.replace("/keys", "/elsewhere")
    with pytest.raises(ServiceUnreachable):
        await Logins(LoginPolicy(jwks_url=service.url)).subject(a_token())
    assert service.asked == ["/keys"]


def signed(payload: str, header: str = '{"alg":"RS256","kid":"one"}') -> str:
    """A token whose parts are written as given: libraries refuse to write such."""
    head, body = (jwt.utils.base64url_encode(part.encode()) for part in (header, payload))
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(head + b"." + body, RSA)
    return b".".join((head, body, jwt.utils.base64url_encode(signature))).decode()


@pytest.mark.parametrize("subject", ['""', '"  "', "null", "7", "true", '["ada"]', '{"id":"ada"}'])
async def test_a_login_names_somebody(subject: str) -> None:
    logins = Logins(LoginPolicy(public_key=pem(RSA)))
    assert await logins.subject(signed(f'{{"exp":{time.time() + 60},"sub":"ada"}}')) == "ada"
    with pytest.raises(CallerUnauthenticated):
        await logins.subject(signed(f'{{"exp":{time.time() + 60},"sub":{subject}}}'))


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": time.time() + 3600},
        {"iat": time.time() + 3600},
        {"exp": "soon"},
        {"aud": ["shop", "blog"]},
        {"aud": ""},
        {"iss": ""},
    ],
)
async def test_a_login_of_another_time_or_place_is_refused(claims: dict[str, Any]) -> None:
    logins = Logins(LoginPolicy(public_key=pem(RSA), issuer="https://login.example", audience="docs"))
    assert await logins.subject(a_token(aud=["shop", "docs"])) == "ada"
    with pytest.raises(CallerUnauthenticated):
        await logins.subject(a_token(**claims))


@pytest.mark.parametrize(
    "header",
    [
        '{"alg":"RS256","kid":"two"}',
        '{"alg":"none","kid":"one"}',
        '{"alg":"HS256","kid":"one"}',
        '{"alg":"RS512","kid":"one"}',
        '{"kid":"one"}',
    ],
)
async def test_the_key_decides_on_the_algorithm(service: LoginService, header: str) -> None:
    """A token that says otherwise is refused, whatever it was signed with."""
    service.keys.append(published(CURVE, "two"))
    logins = Logins(LoginPolicy(jwks_url=service.url))
    assert await logins.subject(a_token(CURVE, kid="two", algorithm="ES256")) == "ada"
    with pytest.raises(CallerUnauthenticated):
        await logins.subject(signed(f'{{"exp":{time.time() + 60},"sub":"eve"}}', header))


@pytest.mark.parametrize(
    "token",
    [
        signed("[" * 9000),
        signed('{"sub":"ada","exp":Infinity}'),
        signed('{"sub":"ada","exp":1e999}'),
        signed('{"sub":"ada","exp":NaN}'),
        signed("{}", header="[" * 9000),
        signed("{}", header="7"),
        "a." * 3,
        "é.é.é",
        "." * 100_000,
    ],
)
async def test_no_token_breaks_the_reading(service: LoginService, token: str) -> None:
    for policy in (LoginPolicy(public_key=pem(RSA)), LoginPolicy(jwks_url=service.url), LoginPolicy(secret="s" * 32)):
        with pytest.raises(CallerUnauthenticated):
            await Logins(policy).subject(token)


async def test_a_new_key_is_found_and_a_withdrawn_one_stops_counting(service: LoginService) -> None:
    now = [1000.0]
    keys = KeySet(service.url, clock=lambda: now[0])
    await keys.key("one")
    service.keys = [published(CURVE, "two")]
    now[0] += 60
    assert (await keys.key("two")).algorithm_name == "ES256"
    with pytest.raises(CallerUnauthenticated):
        await keys.key("one")


async def test_invented_key_ids_do_not_become_requests(service: LoginService) -> None:
    now = [1000.0]
    keys = KeySet(service.url, clock=lambda: now[0])
    for attempt in range(20):
        with pytest.raises(CallerUnauthenticated):
            await keys.key(f"invented-{attempt}")
    assert service.fetches == 1


async def test_keys_outlive_a_login_service_that_is_away(service: LoginService) -> None:
    now = [1000.0]
    keys = KeySet(service.url, clock=lambda: now[0])
    await keys.key("one")
    service.status = 500
    now[0] += 7200
    assert (await keys.key("one")).algorithm_name == "RS256"
    assert service.fetches == 2


async def test_without_any_key_nobody_is_refused_as_unknown(service: LoginService) -> None:
    service.status = 500
    with pytest.raises(ServiceUnreachable):
        await Logins(LoginPolicy(jwks_url=service.url)).subject(a_token())
    service.status, service.keys = (
        200,
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "one"}, published(RSA, "one", use="enc")],
    )
    with pytest.raises(ServiceUnreachable):
        await Logins(LoginPolicy(jwks_url=service.url)).subject(a_token())


def test_the_settings_take_one_way_to_log_in_and_only_a_safe_one() -> None:
    def settings(**given: Any) -> GatewaySettings:
        return GatewaySettings(_env_file=None, **given)

    assert settings(login_public_key=pem(RSA).replace("\n", "\\n")).login_public_key.count("\n") > 2
    assert settings(login_jwks_url="http://127.0.0.1:9/keys").login_jwks_url
    for wrong in (
        {"login_jwks_url": "http://login.example/keys"},
        {"login_jwks_url": "file:///etc/passwd"},
        {"login_public_key": "no key"},
        {"login_public_key": pem(RSA), "login_jwks_url": "https://login.example/keys"},
    ):
        with pytest.raises(ValidationError):
            settings(**wrong)
