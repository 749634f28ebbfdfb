"""Commands of npm in the words of other package managers, as `@docusaurus/remark-plugin-npm2yarn` shows them in tabs.

Follows npm-to-yarn 3, the library behind that plugin, case by case; the tests compare with what it printed. Each
manager has a table of rules by npm's verb; a verb without a rule cannot be converted.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

Words = list[str]
Rule = Callable[[str, Words], Words]
"""From npm's verb and the words after it to the whole command of another manager; empty when it has none."""

META = "npm2yarn"
"""The whole meta string of the code blocks that are shown so."""
LABELS = {"yarn": "Yarn", "bun": "Bun"}
_COMMAND = re.compile(r"npm(?: +([^&\n\r]*))?")
_DESTINATION = re.compile(r"^--pack-destination[\s=]")
_DEPTH = re.compile(r"^--depth=([^=]*).*")
_EXECUTORS = {"yarn": "yarn dlx", "pnpm": "pnpm dlx", "bun": "bun x"}
_INSTALL, _REMOVE = ("install", "i"), ("uninstall", "un", "remove", "r", "rm")
_INIT, _LIST, _REBUILD = ("init", "create"), ("ls", "list"), ("rb", "rebuild")
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
    """Value, label and text of each tab, npm first; converters that are programs of the site are left out.

    >>> variants("npm i thing", ["yarn"])
    [('npm', 'npm', 'npm i thing'), ('yarn', 'Yarn', 'yarn add thing')]
    """
    known = [name for name in converters if name in _RULES]
    return [("npm", "npm", commands), *((name, LABELS.get(name, name), convert(commands, name)) for name in known)]


def convert(commands: str, manager: str) -> str:
    """Commands of npm as commands of `yarn`, `pnpm` or `bun`; lines without a command stay."""
    start = commands.lstrip()
    if start == "npx" or start.startswith("npx "):
        return commands.replace("npx", _EXECUTORS[manager], 1)
    convert_one = _convert_for_bun if manager == "bun" else _convert
    return _COMMAND.sub(lambda match: convert_one((match[1] or "").strip(), _RULES[manager]), commands)


def _convert(command: str, rules: Mapping[str, Rule]) -> str:
    verb, *rest = _words(command)
    rule = rules.get(verb, _no_rule)
    return _joined(rule(verb, rest)) or _unknown(command)


def _convert_for_bun(command: str, rules: Mapping[str, Rule]) -> str:
    """The same, without any `--`, and with a space in place of the first `=`."""
    verb, *rest = words = _words(command)
    rule = rules.get(verb, _no_rule)
    converted = _joined(word for word in rule(verb, rest) if word != "--")
    return (converted or _unknown(_joined(words))).replace("=", " ", 1)


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
    return words or [""]


def _joined(words: Iterable[str]) -> str:
    return " ".join(word for word in words if word)


def _unknown(command: str) -> str:
    return f"npm {command}\n# couldn't auto-convert command"


def _no_rule(*_: object) -> Words:
    return []


def _becomes(*start: str, flags: Mapping[str, str] | None = None, end: Sequence[str] = ()) -> Rule:
    """The verb becomes `start`; the words after it stay, except for flags with another name."""
    names = flags or {}
    return lambda _, rest: [*start, *(names.get(word, word) for word in rest), *end]


def _stays(manager: str) -> Rule:
    return lambda verb, rest: [manager, verb, *rest]


def _packs(manager: str, destination_flag: str) -> Rule:
    return lambda _, rest: [manager, "pack", *(_DESTINATION.sub(f"{destination_flag} ", word) for word in rest)]


def _creates(manager: str) -> Rule:
    """`init template@latest` becomes `create template`."""

    def rule(verb: str, rest: Words) -> Words:
        template, *options = [word for word in rest if word != "--scope"] or [""]
        if rest and not rest[0].startswith("-"):
            return [manager, "create", rest[0].partition("@latest")[0] or rest[0], *options]
        return [manager, verb, template, *options]

    return rule


def _yarn_adds(_: str, rest: Words) -> Words:
    return _globally("add", rest) if rest else ["yarn", "install"]


def _yarn_removes(_: str, rest: Words) -> Words:
    return _globally("remove", rest)


def _globally(verb: str, rest: Words) -> Words:
    """`--global` is a word before the verb."""
    place = ["global"] if {"--global", "-g"} & set(rest) else []
    return _becomes("yarn", *place, verb, flags=_YARN_FLAGS)(verb, rest)


def _yarn_runs(_: str, rest: Words) -> Words:
    """A script needs no `run`, unless it has the name of a command."""
    is_script = bool(rest and rest[0]) and rest[0] not in _SAME_IN_YARN | _COMMANDS_OF_YARN
    return ["yarn", *([] if is_script else ["run"]), *rest]


def _yarn_lists(_: str, rest: Words) -> Words:
    """Packages to list, up to the first flag, become the one pattern that yarn takes."""
    count = next((index for index, word in enumerate(rest) if word.startswith("-")), len(rest))
    pattern = ["--pattern", f'"{"|".join(rest[:count])}"'] if count else []
    return ["yarn", "list", *pattern, *rest[count:]]


def _pnpm_adds(verb: str, rest: Words) -> Words:
    has_packages = any(not word.startswith("-") for word in rest)
    return _becomes("pnpm", "add" if has_packages else verb, flags=_PNPM_FLAGS)(verb, rest)


def _pnpm_filters(verb: str) -> Rule:
    """Packages are named by `--filter`."""

    def rule(_: str, rest: Words) -> Words:
        packages = [word for word in rest if not word.startswith("-")]
        flags = [word for word in rest if word.startswith("-")]
        return ["pnpm", verb, *flags, *(["--filter", " ".join(packages)] if packages else [])]

    return rule


def _pnpm_lists(verb: str, rest: Words) -> Words:
    return _becomes("pnpm", verb, flags=_PNPM_LIST_FLAGS)(verb, [_DEPTH.sub(r"--depth \1", word) for word in rest])


def _bun_adds(verb: str, rest: Words) -> Words:
    return _becomes("bun", "add" if rest else "install", flags=_BUN_FLAGS)(verb, rest)


def _bun_creates(verb: str, rest: Words) -> Words:
    """A template is a program of its own, `create-template`."""
    if not rest:
        return ["bun", verb]
    template, *options = rest
    if template.startswith("@"):
        return ["bunx", template.replace("/", "/create-", 1), *options]
    if template.startswith("-"):
        return ["bun", "init", *rest]
    return ["bunx", f"create-{template.replace('@latest', '', 1)}", *options]


def _bun_cleans(_: str, rest: Words) -> Words:
    return ["bun", "pm", "cache", "rm", *rest[1:]] if rest[:1] == ["clean"] else []


_RULES: dict[str, dict[str, Rule]] = {
    "yarn": {
        **dict.fromkeys((*_SAME_IN_YARN, "outdated"), _stays("yarn")),
        **dict.fromkeys(_INSTALL, _yarn_adds),
        **dict.fromkeys(_REMOVE, _yarn_removes),
        **dict.fromkeys(_REBUILD, _becomes("yarn", "add", end=["--force"])),
        **dict.fromkeys(_LIST, _yarn_lists),
        **dict.fromkeys(_INIT, _creates("yarn")),
        **dict.fromkeys(("t", "tst"), _becomes("yarn", "test")),
        **dict.fromkeys(("run", "exec"), _yarn_runs),
        "version": _becomes("yarn", "version", flags={name: f"--{name}" for name in ("major", "minor", "patch")}),
        "ln": _becomes("yarn", "link"),
        "pack": _packs("yarn", "--filename"),
    },
    "pnpm": {
        **dict.fromkeys(("run", "exec", "test", "start", "link", "outdated"), _stays("pnpm")),
        **dict.fromkeys(_INSTALL, _pnpm_adds),
        **dict.fromkeys(_REMOVE, _becomes("pnpm", "remove", flags=_PNPM_FLAGS)),
        **dict.fromkeys(_REBUILD, _pnpm_filters("rebuild")),
        **dict.fromkeys(_LIST, _pnpm_lists),
        **dict.fromkeys(_INIT, _creates("pnpm")),
        **dict.fromkeys(("t", "tst"), _becomes("pnpm", "test")),
        "unlink": _pnpm_filters("unlink"),
        "ln": _becomes("pnpm", "link"),
        "pack": _packs("pnpm", "--pack-destination"),
    },
    "bun": {
        **dict.fromkeys(("run", "stop", "start", "unlink"), _stays("bun")),
        **dict.fromkeys(_INSTALL, _bun_adds),
        **dict.fromkeys(_REMOVE, _becomes("bun", "remove", flags=_BUN_FLAGS)),
        **dict.fromkeys(_REBUILD, _becomes("bun", "add", end=["--force"])),
        **dict.fromkeys(_LIST, _becomes("bun", "pm", "ls", flags=_BUN_FLAGS)),
        **dict.fromkeys(_INIT, _bun_creates),
        **dict.fromkeys(("test", "t", "tst"), _becomes("bun", "run", "test")),
        **dict.fromkeys(("link", "ln"), _becomes("bun", "link", flags=_BUN_FLAGS)),
        "exec": _becomes("bunx"),
        "cache": _bun_cleans,
    },
}
