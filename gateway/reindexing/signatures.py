"""Whether a delivery was signed with a site's secret: as GitHub signs, or as Standard Webhooks (and GitLab) do.

Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries and
https://www.standardwebhooks.com; both are HMAC-SHA256.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

TOLERANCE_S = 300.0
"""How far a time that is signed may be from ours: an older delivery is somebody's copy."""

_GITHUB = "x-hub-signature-256"
_STANDARD = "webhook-signature"
_ENCODED_KEY = "whsec_"


def is_signed(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now_s: float) -> bool:
    """Whether one of the secrets signed this delivery. How long it takes tells nothing about them.

    Args:
        headers: By their names in lower case.
        body: As it arrived.
        secrets: Those of the site.
        now_s: Time, in seconds since 1970.
    """
    if _STANDARD in headers:
        shown = [each.removeprefix("v1,") for each in headers[_STANDARD].split() if each.startswith("v1,")]
        wanted = _standard(headers, body, secrets, now_s)
    else:
        shown = [headers.get(_GITHUB, "").strip().lower().removeprefix("sha256=")]
        wanted = [hmac.new(_key(secret), body, hashlib.sha256).hexdigest() for secret in secrets]
    matches = [hmac.compare_digest(each.encode(), one.encode()) for each in shown[:8] for one in wanted]
    return any(matches)


def delivery_key(headers: Mapping[str, str]) -> str:
    """What is the same when a delivery is sent once more as it was; empty where a copy cannot be told.

    Both are signed. GitHub signs neither time nor number, and its "Redeliver" is such a copy on purpose.
    """
    return f"{headers.get('webhook-id')} {headers.get('webhook-timestamp')}" if _STANDARD in headers else ""


def _standard(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now_s: float) -> list[str]:
    number, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not number or not sent_at.isdecimal() or len(sent_at) > 12 or abs(now_s - int(sent_at)) > TOLERANCE_S:
        return []
    signed = b".".join((number.encode(), sent_at.encode(), body))
    return [base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode() for secret in secrets]


def _key(secret: str) -> bytes:
    """The key of a secret: as Standard Webhooks writes it, `whsec_` and base64, or the text itself."""
    if secret.startswith(_ENCODED_KEY):
        try:
            return base64.b64decode(secret.removeprefix(_ENCODED_KEY), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
