"""Tables that we keep beside the code, as the installed Docusaurus has them."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MAKE_TABLES = Path(__file__).parents[4] / "fixtures" / "tables" / "make_tables.cjs"


@pytest.fixture
def installed_table(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Prints the table of that name, `emoji` or `admonitions`, from the Docusaurus in `docs/node_modules`."""
    packages = request.config.rootpath / "docs"
    if shutil.which("node") is None or not (packages / "node_modules" / "@docusaurus" / "core").is_dir():
        pytest.skip("Node or docs/node_modules is not there: `make docs-site` installs it")

    def read(table: str) -> Any:
        command = ["node", str(MAKE_TABLES), str(packages), table]
        printed = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
        return json.loads(printed)

    return read
