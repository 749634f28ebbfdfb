"""Tables that we keep beside the code, as the installed Docusaurus has them."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.ingest.document import Document
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree

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


@pytest.fixture
def read_page(tmp_path: Path) -> Callable[..., Document]:
    """Reads one page, given its text, the other files of its site by their paths, and settings of the docs."""

    def read(text: str, files: dict[str, str] | None = None, **docs: Any) -> Document:
        for path, content in {"docs/page.mdx": text, **(files or {})}.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        settings = {"url": "https://x.org", "docs": [{"id": "default", **docs}], "blog": [], "pages": []}
        tree = SourceTree(tmp_path, read_site_config(tmp_path, explicit=settings))
        return tree.read(next(page for page in tree.scan().pages if page.source_path == "docs/page.mdx"))

    return read


@pytest.fixture
def page_text(read_page: Callable[..., Document]) -> Callable[..., str]:
    """The text of a page that is read so, its blocks apart by empty lines."""

    def text(*arguments: Any, **docs: Any) -> str:
        document = read_page(*arguments, **docs)
        return "\n\n".join(block.markdown for section in document.sections for block in section.blocks)

    return text
