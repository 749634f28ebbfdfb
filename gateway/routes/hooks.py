"""`POST /hooks/site`: a host says that a site has changed; `GET /hooks/site/runs/…` tells what became of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from google.protobuf.json_format import MessageToDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from gateway.reindexing.runs import Run
from gateway.reindexing.signatures import delivery_key
from gateway.routes.callers import address_of, gateway_of
from gateway.routes.doors import Door
from services.runtime.errors import reason_name

router = APIRouter(prefix="/hooks", route_class=Door, include_in_schema=False)

_COUNTS = ("pages_added", "pages_changed", "pages_unchanged", "pages_removed", "pages_failed", "pages_skipped")
_NO_STORE = {"Cache-Control": "no-store"}


@router.post("/site")
async def site_changed(request: Request) -> JSONResponse:
    """Index the site again; its source is what the settings say. The door has checked the signature."""
    await _count(request)
    run = gateway_of(request).runs.ask(request.state.hooked_site, delivery_key(request.headers))
    return JSONResponse(_told(run), status_code=202, headers=_NO_STORE)


@router.get("/site/runs/{run_id}")
async def site_run(request: Request, run_id: Annotated[str, Path(max_length=64)]) -> JSONResponse:
    """What became of a run."""
    await _count(request)
    run = gateway_of(request).runs.find(run_id)
    if run is None:
        raise HTTPException(404, "There is no such run, or it is no longer remembered.")
    return JSONResponse(_told(run), headers=_NO_STORE)


async def _count(request: Request) -> None:
    """Count a request towards the limits of the address it came from: there is no reader behind it."""
    await gateway_of(request).limits.request(address_of(request), "")


def _told(run: Run) -> dict[str, Any]:
    told: dict[str, Any] = {
        "run": run.id,
        "site": run.site,
        "state": run.state,
        "status": f"/hooks/site/runs/{run.id}",
        "asked_at": run.asked_at.isoformat(),
    }
    if run.ended_at is not None:
        told["ended_at"] = run.ended_at.isoformat()
    if run.summary is not None:
        counts = MessageToDict(run.summary, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
        told |= {"published": run.summary.published, "revision": run.summary.site.revision}
        told |= {name: counts[name] for name in _COUNTS}
    if run.failure is not None:
        told |= {"reason": reason_name(run.failure.reason), "message": run.failure.message}
    return told
