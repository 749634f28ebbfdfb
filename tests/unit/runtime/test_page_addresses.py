"""Addresses that readers may be led to, and all others."""

import pytest

from services.runtime.page_addresses import MAX_ADDRESS, anchor_problem, origin_of, page_address_problem

OWN = ("https://docs.example.org",)


@pytest.mark.parametrize(
    "uri",
    [
        "https://docs.example.org/",
        "https://docs.example.org/guide?version=2",
        "https://docs.example.org:443/guide",
        "HTTPS://DOCS.example.org/guide",
        "https://docs.example.org/caf%C3%A9/@scope/page",
    ],
)
def test_a_page_of_the_site_is_taken(uri: str) -> None:
    assert page_address_problem(uri, OWN) == ""


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//docs.example.org/guide",
        "/guide",
        "https:guide",
        "https:///guide",
        "https://evil.example/guide",
        "https://docs.example.org.evil.example/",
        "https://docs.example.org@evil.example/",
        "https://reader@docs.example.org/",
        "https://evil.example\\@docs.example.org/",
        "http://docs.example.org/",
        "https://docs.example.org:8443/",
        "https://docs.example.org:port/",
        "https://[docs.example.org/",
        "https://docs.example.org/a b",
        "https://docs.example.org/\x00",
        "https://docs.example.org/\u2028",
        "https://docs.example.org/guide#top",
        "https://docs.example.org/" + "a" * MAX_ADDRESS,
        "",
    ],
)
def test_any_other_address_is_refused(uri: str) -> None:
    assert page_address_problem(uri, OWN)


def test_an_unusable_base_url_makes_no_page_acceptable() -> None:
    assert origin_of("javascript:alert(1)") == ""
    assert page_address_problem("javascript:alert(1)", [""])


def test_hosts_of_the_network_itself_have_origins() -> None:
    assert origin_of("http://localhost:3000/docs/") == "http://localhost:3000"
    assert origin_of("http://[::1]:3000/") == "http://[::1]:3000"


@pytest.mark.parametrize("anchor", ["", "when-to-water", "über-uns", "überschrift mit leerzeichen", "安装"])
def test_anchors_of_real_pages_are_taken(anchor: str) -> None:
    assert anchor_problem(anchor) == ""


@pytest.mark.parametrize("anchor", ["a\x00b", "a\nb", "a" * 1_001])
def test_long_anchors_and_control_characters_are_refused(anchor: str) -> None:
    assert anchor_problem(anchor)
