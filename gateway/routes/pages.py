"""Our own pages: the demo at `/`, the panel's script at `/docs-chat.js`, and what they load."""

from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent.parent / "static"

# Nothing from third parties. Styles may be inline: a shadow root carries its own.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class Pages(StaticFiles):
    """Files of one folder, checked for changes at every visit; scripts may be loaded by docs sites on other hosts."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, html=True)

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(full_path, *args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        if str(full_path).endswith(".html"):
            response.headers["content-security-policy"] = CONTENT_POLICY
            response.headers["x-frame-options"] = "SAMEORIGIN"
        else:
            response.headers["cross-origin-resource-policy"] = "cross-origin"
            response.headers["access-control-allow-origin"] = "*"
        return response


class PagesMount(Mount):
    """Our pages at the root, beside the API: a wrong method there is told as such, not as a missing page."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if scope["path"].startswith("/v1/") else super().matches(scope)
