"""Settings of the sites whose real build is known."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.ingest.sources.source_tree.settings.site_settings import SiteSettings

SITE_FOLDERS = {
    "redux": "redux/website",
    "redux-toolkit": "redux-toolkit/website",
    "react-native-website": "react-native-website/website",
}


def settings_of_truth(meta: dict[str, Any], name: str) -> SiteSettings:
    """The explicit settings that a site's config resolved to when it was really built."""
    first = next(iter(meta["locales"].values()))
    plugins = {"docs": [], "blog": [], "pages": []}  # type: dict[str, list[dict[str, Any]]]
    for plugin in first["plugins"]:
        options = {key: value for key, value in plugin["options"].items() if value is not None}
        # The dump prints every function alike, so these are told by hand, as an owner would in docs-chat.site.yaml.
        options["numberPrefixParser"] = not (name.startswith("conformance") and plugin["id"] == "ref")
        is_plugged = name.startswith("conformance") and plugin["id"] == "default" and plugin["name"].endswith("docs")
        options["remarkPlugins"] = ["remark-math", ["npm2yarn", {"sync": True}]] if is_plugged else []
        plugins[plugin["name"].rsplit("-", 1)[1]].append(options)
    keys = ("url", "baseUrl", "trailingSlash", "title", "i18n", "markdown")
    return SiteSettings.model_validate({key: first[key] for key in keys} | plugins)


@pytest.fixture(scope="session")
def corpora() -> Path:
    folder = os.environ.get("DOCS_CHAT_CORPORA")
    if not folder:
        pytest.skip("DOCS_CHAT_CORPORA does not name the folder of the real sites")
    return Path(folder)


@pytest.fixture(scope="session")
def real_site(corpora: Path) -> Callable[[str], tuple[Path, SiteSettings, list[dict[str, Any]], list[dict[str, Any]]]]:
    """Folder, settings, pages and sections of a site by its name."""

    def load(name: str) -> tuple[Path, SiteSettings, list[dict[str, Any]], list[dict[str, Any]]]:
        truth = corpora / "truth"
        meta = json.loads((truth / f"{name}.meta.json").read_text(encoding="utf-8"))
        pages, sections = json_lines(truth / f"{name}.jsonl"), json_lines(truth / f"{name}.sections.jsonl")
        return corpora / SITE_FOLDERS.get(name, name), settings_of_truth(meta, name), pages, sections

    return load


def json_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
