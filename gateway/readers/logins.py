"""Logins of the site itself: bearer tokens (JWT) by a shared secret, by a public key, or by published keys."""

from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gateway.readers.key_set import KeySet
from services.runtime.errors import CallerUnauthenticated

_SHARED = ("HS256",)
_BY_KIND: tuple[tuple[type, tuple[str, ...]], ...] = (
    (RSAPublicKey, ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
    (EllipticCurvePublicKey, ("ES256", "ES384", "ES512")),
    (Ed25519PublicKey, ("EdDSA",)),
)
_MAX_TOKEN_CHARS = 16_384
_LEEWAY_S = 30
"""How far apart our clock and the login service's may be."""


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """Which tokens are accepted; at most one of the first three is set.

    Args:
        secret: Shared secret of HS256.
        public_key: PEM of a public key.
        jwks_url: Where public keys are published.
        audience: Audience a token must carry; empty accepts any.
        issuer: Issuer a token must carry; empty accepts any.
    """

    secret: str = ""
    public_key: str = ""
    jwks_url: str = ""
    audience: str = ""
    issuer: str = ""

    @property
    def is_set(self) -> bool:
        return bool(self.secret or self.public_key or self.jwks_url)


@dataclass(slots=True)
class Logins:
    """Reads tokens. The key decides which algorithms are accepted, never the token."""

    policy: LoginPolicy
    _published: KeySet = field(init=False)

    def __post_init__(self) -> None:
        self._published = KeySet(self.policy.jwks_url)

    async def subject(self, token: str) -> str:
        """The subject that a token names.

        Raises:
            CallerUnauthenticated: If it is not valid here.
            ServiceUnreachable: If the published keys cannot be fetched.
        """
        if len(token) > _MAX_TOKEN_CHARS:
            raise CallerUnauthenticated("the login token is too long")
        try:
            key, algorithms = await self._key(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=list(algorithms),
                audience=self.policy.audience or None,
                issuer=self.policy.issuer or None,
                leeway=_LEEWAY_S,
                options={"require": ["sub", "exp"], "verify_aud": bool(self.policy.audience)},
            )
        except jwt.ExpiredSignatureError as error:
            raise CallerUnauthenticated("your login has expired: please log in again") from error
        except (
            jwt.PyJWTError,
            ValueError,
            ArithmeticError,
            RecursionError,
        ) as error:  # deeply nested JSON of strangers
            raise CallerUnauthenticated("the login token is not valid here") from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject.strip():
            raise CallerUnauthenticated("the login token names nobody: its `sub` is empty")
        return subject

    async def _key(self, token: str) -> tuple[Any, tuple[str, ...]]:
        if self.policy.secret:
            return self.policy.secret, _SHARED
        if self.policy.public_key:
            return self.policy.public_key, algorithms_of(self.policy.public_key)
        key = await self._published.key(str(jwt.get_unverified_header(token).get("kid", "")))
        return key, (key.algorithm_name,)


def algorithms_of(public_key: str) -> tuple[str, ...]:
    """Algorithms whose signatures a public key can verify.

    Raises:
        ValueError: If it is not the PEM of a public key, or of a kind that signs no tokens.
    """
    key = load_pem_public_key(public_key.encode())
    for kind, algorithms in _BY_KIND:
        if isinstance(key, kind):
            return algorithms
    raise ValueError("a key of this kind signs no tokens: it must be RSA, EC or Ed25519")
