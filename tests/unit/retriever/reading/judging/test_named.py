"""What a question calls by a name."""

import pytest

from services.retriever.reading.judging.named import NameKind, named_in

USUAL = frozenset(
    "how do i use the with of in a is not found open my to key fields mock error type lambda and does work".split()  # noqa: SIM905
)


def names(question: str) -> dict[str, NameKind]:
    return {name.text: name.kind for name in named_in(question, USUAL.__contains__)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do I use hugo-theme-x?", "hugo-theme-x"),
        ("How do I use acme-runner-groups?", "acme-runner-groups"),
        ("Does @scope/pkg work?", "@scope/pkg"),
        ("Is --no-cache-dir found?", "--no-cache-dir"),
        ("How do I mock notifee?", "notifee"),
        ("Is it in v0.31.1-canary?", "v0.31.1-canary"),
        ("Does by_pk work?", "by_pk"),
        ("Does it work in settings.local.json?", "json"),
    ],
)
def test_packages_flags_versions_and_unusual_words_are_names(question: str, expected: str) -> None:
    assert names(question)[expected] is NameKind.STRANGE


def test_a_call_and_a_path_are_read_by_their_parts() -> None:
    assert list(names("Does device.setPermissions() work with src/openDoor?")) == [
        "device",
        "setPermissions",
        "src",
        "openDoor",
    ]


def test_usual_words_joined_or_with_a_capital_are_loose_names() -> None:
    assert names("How do I use key-fields with Lambda?") == {"key-fields": NameKind.LOOSE, "Lambda": NameKind.LOOSE}


def test_measures_numbers_and_usual_words_are_no_names() -> None:
    assert names("TS2339: the key is not found in 10000ms, 0x7777, 3.5 and 42 fields") == {}


@pytest.mark.parametrize(
    "cited",
    [
        '"the key fooBar was not found"',
        "[FOO_STATUS]",
        "'fooBar'",
        "`let fooBar = 1`",
        "error: fooBar not found",
        "a key (fooBar(), bar_id)",
        "a key(e.g. fooBar)",
    ],
)
def test_what_is_cited_is_marked(cited: str) -> None:
    assert all(name.cited for name in named_in(f"How do I use {cited}?", USUAL.__contains__))


def test_an_identifier_in_backticks_is_the_readers_subject() -> None:
    (name,) = named_in("How do I use `fooBar`?", USUAL.__contains__)
    assert (name.text, name.cited) == ("fooBar", False)
