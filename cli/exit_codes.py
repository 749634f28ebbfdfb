"""How `docs-chat` ends, for scripts and CI."""

from services.runtime.errors import (
    DeadlineExceeded,
    InvalidRequest,
    NotFound,
    RevisionConflict,
    RevisionNotKept,
    ServiceError,
    SuspiciousSource,
    Unavailable,
)

OK = 0
FAILED = 1
USAGE = 2
"""Wrong arguments or a source that cannot be read; argparse ends with it too."""
SUSPICIOUS = 3
"""The source looks wrong; look, then repeat with --force."""
UNREACHABLE = 4
"""A service cannot be reached or did not answer in time; try again."""
CONFLICT = 5
"""Another run is writing this site; wait, or --take-over."""
NOT_FOUND = 6
"""No such site or revision."""
PAGES_FAILED = 7
"""Published, but some pages could not be read (with --strict)."""
INTERRUPTED = 130


def exit_code(error: ServiceError) -> int:
    """The code a failure ends with."""
    match error:
        case SuspiciousSource():
            return SUSPICIOUS
        case RevisionConflict():
            return CONFLICT
        case NotFound() | RevisionNotKept():
            return NOT_FOUND
        case InvalidRequest():
            return USAGE
        case Unavailable() | DeadlineExceeded():
            return UNREACHABLE
        case _:
            return FAILED
