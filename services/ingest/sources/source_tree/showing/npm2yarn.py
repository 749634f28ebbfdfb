"""Commands of npm in the words of other package managers, as `@docusaurus/remark-plugin-npm2yarn` shows them in tabs.

Follows npm-to-yarn 3, the library behind that plugin, case by case; the tests compare with what it printed.
"""

import re
from collections.abc import Callable, Mapping, Sequence

META = "npm2yarn"
"""The whole meta string of the code blocks that are shown so."""
LABELS = {"yarn": "Yarn", "bun": "Bun"}
_COMMAND = re.compile(r"npm(?: +([^&\n\r]*))?")
_EXECUTORS = {"yarn": "yarn dlx", "pnpm": "pnpm dlx", "bun": "bun x"}
_INSTALL, _REMOVE = frozenset({"install", "i"}), frozenset({"uninstall", "un", "remove", "r", "rm"})
_INIT, _LIST, _TEST = frozenset({"init", "create"}), frozenset({"ls", "list"}), frozenset({"test", "t", "tst"})
_SAME_IN_YARN = frozenset({"test", "login", "logout", "link", "unlink", "publish", "cache", "start", "stop"})
_COMMANDS_OF_YARN = frozenset(
    [
        *("init", "run", "add", "audit", "autoclean", "bin", "check", "config", "create", "dedupe", "global", "help"),
        *("generate-lock-entry", "import", "info", "install", "licenses", "list", "lockfile", "outdated", "owner"),
        *("pack", "policies", "prune", "remove", "self-update", "tag", "team", "upgrade", "upgrade-interactive"),
        *("version", "versions", "why", "workspace", "workspaces"),
    ]
)
_YARN_FLAGS = {
    "--save-dev": "--dev",
    "-D": "--dev",
    "--save-prod": "--production",
    "-P": "--production",
    "--save-optional": "--optional",
    "-O": "--optional",
    "--save-exact": "--exact",
    "-E": "--exact",
    "--save": "",
    "-S": "",
    "--global": "",
    "-g": "",
    "--no-package-lock": "--no-lockfile",
}
_BUN_FLAGS = _YARN_FLAGS | {
    "--development": "--dev",
    "--global": "--global",
    "-g": "--global",
    "--no-package-lock": "--no-save",
}
_PNPM_FLAGS = {"--save": "", "-S": "", "--no-package-lock": "--frozen-lockfile"}
_PNPM_LIST_FLAGS = {"--production": "--prod", "--development": "--dev"}


def variants(commands: str, converters: Sequence[str]) -> list[tuple[str, str, str]]:
    """Value, label and text of each tab, npm first; converters that are the site's own programs are left out.

    >>> variants("npm i thing", ["yarn"])
    [('npm', 'npm', 'npm i thing'), ('yarn', 'Yarn', 'yarn add thing')]
    """
    known = [name for name in converters if name in _CONVERTERS]
    return [("npm", "npm", commands), *((name, LABELS.get(name, name), convert(commands, name)) for name in known)]


def convert(commands: str, manager: str) -> str:
    """Commands of npm as commands of `yarn`, `pnpm` or `bun`; lines without a command stay."""
    start = commands.lstrip()
    if start == "npx" or start.startswith("npx "):
        return commands.replace("npx", _EXECUTORS[manager], 1)
    to_manager = _CONVERTERS[manager]
    return _COMMAND.sub(lambda match: to_manager((match[1] or "").strip()), commands)


def _words(command: str) -> list[str]:
    """The command cut at blanks outside quotes, without the first `--`, which only npm needs."""
    words, quote, is_escaped = [""], "", False
    for character in command:
        if character == " " and not quote:
            words.append("")
        else:
            words[-1] += character
            if character in "\"'" and not is_escaped:
                quote = "" if character == quote else quote or character
        is_escaped = character == "\\"
    if "--" in words:
        words.remove("--")
    return words


def _joined(manager: str, words: Sequence[str]) -> str:
    return " ".join([manager, *(word for word in words if word)])


def _unknown(command: str) -> str:
    return f"npm {command}\n# couldn't auto-convert command"


def _flags(words: Sequence[str], table: Mapping[str, str]) -> list[str]:
    return [table.get(word, word) for word in words]


def _create(words: list[str]) -> list[str]:
    """`init template@latest` as `create template`, for yarn and pnpm."""
    kept = [word for word in words if word != "--scope"]
    if len(words) > 1 and not words[1].startswith("-"):
        kept = ["create", words[1].partition("@latest")[0] or words[1], *kept[2:]]
    return kept


def _to_yarn(command: str) -> str:
    verb, *rest = words = _words(command)
    if verb == "exec":
        verb, words = "run", ["run", *rest]
    match verb:
        case _ if verb in _SAME_IN_YARN:
            pass
        case _ if (verb in _INSTALL and rest) or verb in _REMOVE:
            is_global = ["global"] if {"--global", "-g"} & set(words) else []
            words = [*is_global, "add" if verb in _INSTALL else "remove", *_flags(rest, _YARN_FLAGS)]
        case _ if verb in _INSTALL:
            words = ["install"]
        case "version":
            words = _flags(words, {"major": "--major", "minor": "--minor", "patch": "--patch"})
        case "rb" | "rebuild":
            words = ["add", *rest, "--force"]
        case "run":
            is_script = bool(rest and rest[0]) and rest[0] not in _SAME_IN_YARN | _COMMANDS_OF_YARN
            words = rest if is_script else words
        case _ if verb in _LIST:
            words = ["list", *_pattern(rest)]
        case _ if verb in _INIT:
            words = _create(words)
        case "ln" | "t" | "tst":
            words[0] = "link" if verb == "ln" else "test"
        case "pack":
            words = [re.sub(r"^--pack-destination[\s=]", "--filename ", word) for word in words]
        case "outdated":
            pass
        case _:
            return _unknown(command)
    return _joined("yarn", words)


def _pattern(words: list[str]) -> list[str]:
    """Packages to list, up to the first flag, as the one pattern that yarn takes."""
    count = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    packages = [f'"{"|".join(words[:count])}"'] if count else []
    return [*(["--pattern"] if count else []), *packages, *words[count:]]


def _filtered(words: list[str]) -> list[str]:
    """Packages named after the verb as pnpm's `--filter`."""
    packages = [word for word in words[1:] if not word.startswith("-")]
    flags = [word for word in words[1:] if word.startswith("-")]
    return [words[0], *flags, *(["--filter", " ".join(packages)] if packages else [])]


def _to_pnpm(command: str) -> str:
    verb, *rest = words = _words(command)
    match verb:
        case _ if verb in _INSTALL:
            has_packages = bool(rest) and sum(not word.startswith("-") for word in words) > 1
            words = _flags(["add" if has_packages else verb, *rest], _PNPM_FLAGS)
        case _ if verb in _REMOVE:
            words = ["remove", *_flags(rest, _PNPM_FLAGS)]
        case "rb" | "rebuild":
            words = _filtered(["rebuild", *rest])
        case "unlink":
            words = _filtered(words)
        case _ if verb in _LIST:
            depth = [re.sub(r"^--depth=([^=]*).*", r"--depth \1", word) for word in words]
            words = _flags(depth, _PNPM_LIST_FLAGS)
        case _ if verb in _INIT:
            words = _create(words)
        case "ln" | "t" | "tst":
            words[0] = "link" if verb == "ln" else "test"
        case "pack":
            words = [re.sub(r"^--pack-destination[\s=]", "--pack-destination ", word) for word in words]
        case "run" | "exec" | "test" | "start" | "link" | "outdated":
            pass
        case _:
            return _unknown(command)
    return _joined("pnpm", words)


def _to_bun(command: str) -> str:
    words, manager = _words(command), "bun"
    verb, *rest = words
    match verb:
        case _ if verb in _INSTALL:
            words = ["add" if rest else "install", *_flags(rest, _BUN_FLAGS)]
        case _ if verb in _REMOVE:
            words = ["remove", *_flags(rest, _BUN_FLAGS)]
        case "cache" if rest[:1] == ["clean"]:
            words = ["pm", "cache", "rm", *rest[1:]]
        case "rb" | "rebuild":
            words = ["add", *rest, "--force"]
        case _ if verb in _LIST:
            words = ["pm", "ls", *_flags(rest, _BUN_FLAGS)]
        case _ if verb in _INIT and rest and rest[0].startswith("@"):
            words, manager = [rest[0].replace("/", "/create-", 1), *rest[1:]], "bunx"
        case _ if verb in _INIT and rest and not rest[0].startswith("-"):
            words, manager = [f"create-{rest[0].replace('@latest', '', 1)}", *rest[1:]], "bunx"
        case _ if verb in _INIT:
            words = ["init" if rest else verb, *rest]
        case "link" | "ln":
            words = ["link", *_flags(rest, _BUN_FLAGS)]
        case _ if verb in _TEST:
            words = ["run", "test", *rest]
        case "exec":
            words, manager = rest, "bunx"
        case "run" | "stop" | "start" | "unlink":
            pass
        case _:
            return _unknown(" ".join(word for word in words if word)).replace("=", " ", 1)
    return _joined(manager, [word for word in words if word != "--"]).replace("=", " ", 1)


_CONVERTERS: dict[str, Callable[[str], str]] = {"yarn": _to_yarn, "pnpm": _to_pnpm, "bun": _to_bun}
