"""From files to addresses."""

import pytest

from services.ingest.sources.source_tree.parsing.content_title import content_title
from services.ingest.sources.source_tree.parsing.front_matter import FrontMatter
from services.ingest.sources.source_tree.routing.addresses import (
    apply_trailing_slash,
    encode_path,
    join_path,
    resolve_path,
)
from services.ingest.sources.source_tree.routing.globs import matcher
from services.ingest.sources.source_tree.routing.page_slugs import (
    doc_slug,
    page_slug,
    post_date,
    post_slug,
    strip_number_prefix,
)
from services.ingest.sources.source_tree.settings.site_settings import DEFAULT_EXCLUDE


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("01-intro", "intro"),
        ("02 - spaced", "spaced"),
        ("8--double", "double"),
        ("05", "05"),
        ("06-", "06-"),
        ("7.0-release", "7.0-release"),
        ("2021-11-foo", "2021-11-foo"),
    ],
)
def test_ordering_numbers_go_and_dates_and_versions_stay(segment: str, expected: str) -> None:
    assert strip_number_prefix(segment) == expected


@pytest.mark.parametrize(
    ("path", "values", "expected"),
    [
        ("01-a/01-a.md", {}, "/a/"),
        ("02-other/other.md", {}, "/other/other"),
        ("sub/README.mdx", {}, "/sub/"),
        ("index.md", {}, "/"),
        ("sub/x.md", {"id": "y"}, "/sub/y"),
        ("sub/index.md", {"id": "y"}, "/sub/"),
        ("sub/index.md", {"slug": "z"}, "/sub/z"),
        ("sub/x.md", {"slug": "../up"}, "/up"),
        ("sub/x.md", {"slug": "/abs/"}, "/abs/"),
        ("1-a/2-b.md", {"parse_number_prefixes": False}, "/1-a/2-b"),
    ],
)
def test_a_doc_is_served_where_its_file_id_and_slug_say(path: str, values: dict[str, object], expected: str) -> None:
    assert doc_slug(path, FrontMatter(values, ""), strips_prefixes=True)[0] == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2021-01-02-post.md", "/2021/01/02/post"),
        ("topic/2023-01-01-in.md", "/2023/01/01/topic/in"),
        ("2022-03-05-folder/index.mdx", "/2022/03/05/folder"),
        ("2024-1-5-x.md", "/2024/1/5/x"),
        ("2021-02-04.md", "/2021/02/04/"),
        ("dir/nodate/index.md", "/dir/nodate"),
    ],
)
def test_a_post_is_served_under_its_date(path: str, expected: str) -> None:
    assert post_slug(path, FrontMatter({}, ""))[0] == expected


def test_a_page_is_served_under_its_path() -> None:
    none = FrontMatter({}, "")
    assert [page_slug(path, none) for path in ("INDEX.md", "a/index.mdx", "with space.md")] == [
        "/",
        "/a/",
        "/with%20space",
    ]


def test_paths_join_with_single_slashes_and_keep_the_last_end_slash() -> None:
    assert join_path("/base/", "", "/docs/", "x/") == "/base/docs/x/"
    assert resolve_path("./a/../b", "/c/") == "/c/b"


def test_the_root_never_changes_its_end_slash() -> None:
    paths = ("/base/", "/base/x", "/base/y/")
    assert [apply_trailing_slash(path, False, "/base/") for path in paths] == ["/base/", "/base/x", "/base/y"]
    assert [apply_trailing_slash(path, True, "/base/") for path in paths] == ["/base/", "/base/x/", "/base/y/"]


def test_addresses_are_encoded_as_encode_uri_does() -> None:
    assert encode_path("/C++/q&a/中 文/100%") == "/C++/q&a/%E4%B8%AD%20%E6%96%87/100%25"


def test_underscore_files_and_dot_files_are_no_pages() -> None:
    excluded, included = matcher(DEFAULT_EXCLUDE), matcher(["**/*.{md,mdx}"])
    assert [excluded(path) for path in ("_a.md", "x/_b/y.md", "a_b.md")] == [True, True, False]
    assert [included(path) for path in ("a.md", "x/y.mdx", ".hidden/a.md", "a.markdown")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("import A from 'a';\n\n# After import", "After import"),
        ("export const a = 1;\n\n# After export", None),
        ("# `code` and **bold** {#id}", "code and **bold**"),
        ("Setext\n===\n", "Setext"),
        ("Text\n\n# Late", None),
    ],
)
def test_the_title_is_read_from_the_head_of_the_text(body: str, expected: str | None) -> None:
    assert content_title(body) == expected


@pytest.mark.parametrize(
    ("path", "values", "expected"),
    [
        ("blog/2021-03-04-frost.md", {}, "2021-03-04"),
        ("blog/2021/3/4/frost/index.mdx", {}, "2021-03-04"),
        ("blog/2021-03-04-frost.md", {"date": "2022-05-06T10:00"}, "2022-05-06"),
        ("blog/frost.md", {"date": "2022-05-06"}, "2022-05-06"),
        ("blog/frost.md", {"date": "soon"}, ""),
        ("blog/2021-13-40-frost.md", {}, ""),
        ("blog/frost.md", {}, ""),
    ],
)
def test_a_post_is_dated_by_its_front_matter_or_its_file_name(path: str, values: dict[str, str], expected: str) -> None:
    moment = post_date(path, FrontMatter(values, ""))
    assert (moment.date().isoformat() if moment else "") == expected
