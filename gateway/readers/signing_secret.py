"""The secrets that sign our own readers' tokens: from the settings, else made once and kept beside the data."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from services.runtime.private_files import private_file, private_folder
from services.runtime.starting import CannotStart

MIN_SECRET_CHARS = 32


def load_secrets(configured: tuple[str, ...], data_dir: Path) -> tuple[str, ...]:
    """The configured secrets; if there are none, the one in `data_dir`, made on first use and readable by us alone.

    Raises:
        CannotStart: If the one in `data_dir` is too short to sign with.
    """
    if configured:
        return configured
    path = private_folder(data_dir) / "reader-secret"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=data_dir) as draft:  # mode 0600
            draft.write(secrets.token_urlsafe(32))
            draft.flush()
            with contextlib.suppress(FileExistsError):  # when two processes start together, the first one wins
                os.link(draft.name, path)
    secret = private_file(path).read_text().strip()
    if len(secret) < MIN_SECRET_CHARS:
        raise CannotStart(f"{path} holds no secret of {MIN_SECRET_CHARS} characters: delete it to have a new one made")
    return (secret,)
