"""Names in questions."""

import pytest

from services.retriever.names import names_in


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
