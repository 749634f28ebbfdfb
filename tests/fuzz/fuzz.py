"""Coverage-guided fuzzing of the readers: `make fuzz`, or `python -m tests.fuzz.fuzz [options of libFuzzer] [corpus]`.

Needs atheris (`pip install atheris`). A crash, a broken promise or a page of more than ten seconds ends the run; the
bytes that did it are left as `crash-*` or `timeout-*`.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["services.ingest", "markdown_it", "mdit_py_plugins"]):
    from tests.fuzz.reading import READERS

KINDS = tuple(READERS)
WORDS = (
    *("import A from './page.mdx'\n", "export const a = `", "<A/>", "<Tabs>", "<TabItem value='a'>", "</Tabs>", "{/*"),
    *("*/}", "<!--", "-->", ":::tip", ":::", "```js", "```bash npm2yarn\n", "|a|b|\n|-|-|\n", "$$", "[^1]:", "{#id}"),
    *("<details>", "<summary>", "<h2 id='a'>", "<pre>", "<ul><li>", "<table><tr><td>", "](", "![", "{`${", "---\n"),
    *("theme-admonition", "role='tabpanel'", "role='tablist'", "token-line", "theme-code-block", "hash-link", "katex"),
)


def _escaped(word: str) -> str:
    return "".join(rf"\x{byte:02x}" for byte in word.encode())


def main() -> None:
    """Run until libFuzzer's own limits (`-max_total_time=60`) or a finding."""
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("w", suffix=".dict") as dictionary:
        dictionary.writelines(f'"{_escaped(word)}"\n' for word in WORDS)
        dictionary.flush()

        def one(content: bytes) -> None:
            if content:
                READERS[KINDS[content[0] % len(KINDS)]](Path(folder), content[1:])

        options = [f"-dict={dictionary.name}", "-max_len=4096", "-timeout=10", *sys.argv[1:]]
        atheris.Setup([sys.argv[0], *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
