"""Our own pages: the demo at `/`, the panel's script at `/docs-chat.js`, and what they load."""

from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent.parent / "static"

# Nothing from third parties. Styles may be inline: a shadow root brings its own.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class Pages(StaticFiles):
    """Files of one folder, checked for changes at every visit; docs sites on other hosts may load the scripts."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory, html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path.startswith("v1/"):  # belongs to the API, whatever the method
            raise HTTPException(404)
        return await super().get_response(path, scope)

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
