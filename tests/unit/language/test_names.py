"""Names in texts."""

import pytest

from services.language.names import looks_like_code, names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("How do I use useSelector with Svelte?", ["useSelector", "Svelte"]),
        ("set trailing_slash in docusaurus.config.js", ["trailing_slash", "docusaurus.config.js"]),
        ("what does --no-cache do with @scope/package", ["--no-cache", "@scope/package"]),
        ("A value was found in `auth` of the CSP", ["auth", "CSP"]),
        ("It fails. Why? I'd like to know", []),
        ("how do i bake bread, e.g. with rye", []),
        ("", []),
        ("?! … 🤷 日志", []),
    ],
)
def test_what_is_called_by_name(text: str, names: list[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize("word", ["useThing", "some_name", "--flag", "a.b", "config.js", "@scope/x", "a/b", "1st"])
def test_what_is_written_like_code(word: str) -> None:
    assert looks_like_code(word)


@pytest.mark.parametrize("word", ["CSS", "Docusaurus", "h1", "word.", "(so)"])
def test_what_is_not(word: str) -> None:
    assert not looks_like_code(word)
