"""How much work is left: an estimate that is right early, whatever the order and size of the pages."""

from collections.abc import Sequence

import pytest

from services.ingest.document import Page
from services.ingest.run.workload import Workload
from services.runtime.document_kind import DocumentKind


class Texts:
    """Pages that consist of parts."""

    def __init__(self, texts: dict[str, list[bytes]]) -> None:
        self.texts = texts
        self.pages = [Page(uri, f"{uri}.md", DocumentKind.DOC, "en") for uri in texts]

    def raw_parts(self, page: Page) -> Sequence[bytes]:
        return self.texts[page.uri]


def section(name: str, size: int = 2000) -> bytes:
    return f"## {name} ".encode().ljust(size, b"x")


SITES = {
    "small pages after large ones": {
        f"{number:04}": [section(f"{number}-{part}") for part in range(40 if number < 20 else 2)]
        for number in range(400)
    },
    "ten versions of the same": {
        f"{version}-{number:03}": [section(f"{number}-{part}") for part in range(4)]
        for version in range(10)
        for number in range(60)
    },
    "ten locales": {
        f"{locale}-{number:03}": [section(f"{locale}-{number}-{part}") for part in range(4)]
        for locale in range(10)
        for number in range(60)
    },
}


@pytest.mark.parametrize("texts", SITES.values(), ids=SITES.keys())
def test_after_a_twentieth_the_time_left_is_right_within_a_factor_of_two(texts: dict[str, list[bytes]]) -> None:
    """A part costs a second once and a hundredth of it when it was seen before, as embedding does."""
    seen: set[bytes] = set()
    costs = []
    for parts in texts.values():
        costs.append(sum(0.01 if part in seen else 1.0 for part in parts))
        seen.update(parts)
    source = Texts(texts)
    workload = Workload(source, source.pages)
    elapsed_s, whole_s, checked = 0.0, sum(costs), 0
    for page, cost in zip(source.pages, costs, strict=True):
        workload.page_read(page.uri, len(texts[page.uri]))
        workload.page_written(page.uri)
        elapsed_s += cost
        if 0.05 * whole_s <= elapsed_s <= 0.9 * whole_s:
            remaining_s = workload.remaining_s(elapsed_s)
            assert remaining_s is not None
            assert 0.5 <= (elapsed_s + remaining_s) / whole_s <= 2
            checked += 1
    assert checked > 10
    assert workload.chunks_total == sum(map(len, texts.values()))
    assert workload.remaining_s(elapsed_s) == 0.0


def test_pages_that_give_nothing_are_not_waited_for() -> None:
    source = Texts({"a": [section("a")], "b": [section("b")]})
    workload = Workload(source, source.pages)
    assert workload.remaining_s(5.0) is None
    workload.page_read("a", 0)
    workload.page_read("b", 1)
    workload.page_written("b")
    assert workload.remaining_s(5.0) == 0.0
