"""Our own pages: whole, checked for changes, and nothing from third parties."""

from pathlib import Path

import httpx
import pytest

from gateway.routes.pages import Pages


@pytest.fixture
def site(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "index.html").write_text("<p>demo")
    (tmp_path / "static" / "docs-chat.js").write_text("1")
    (tmp_path / "secret").write_text("secret")
    return httpx.AsyncClient(transport=httpx.ASGITransport(Pages(tmp_path / "static")), base_url="http://demo")


async def test_a_page_may_load_nothing_from_third_parties(site: httpx.AsyncClient) -> None:
    page = await site.get("/")
    assert page.text == "<p>demo"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "http" not in policy


async def test_the_script_may_be_loaded_by_sites_on_other_hosts(site: httpx.AsyncClient) -> None:
    script = await site.get("/docs-chat.js")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["access-control-allow-origin"] == "*"


async def test_what_has_not_changed_is_not_sent_again(site: httpx.AsyncClient) -> None:
    first = await site.get("/docs-chat.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await site.get("/docs-chat.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/..%2fsecret"])
async def test_nothing_outside_the_folder_is_served(site: httpx.AsyncClient, path: str) -> None:
    with pytest.raises(Exception, match="404"):
        await site.get(path)
