"""Looks the identifiers, code and numbers of an answer up in what was found: what nobody wrote is probably invented.

Names the answer itself introduces in its code (`const myStore = …`) are not inventions, nor are words of the
programming languages. Of numbers those that could be a port, a limit or a version are looked up, where the answer
states them: example code may hold any. What is left and stands in no passage is reported.
"""

import re
from collections.abc import Iterable

from docs_chat.agent.v1.turn_events_pb2 import GroundingReport

from services.language.markdown import code_in, code_parts
from services.language.names import looks_like_code

_CODE_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|<!--.*?-->|(?:^|(?<=\s))#(?![!\w-])[^\n]*", re.DOTALL)
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`")
_NAME = re.compile(r"--?[A-Za-z][\w-]*|@[\w-]+/[\w./-]+|[A-Za-z_$][\w$]*(?:-[a-z][\w$]*)*")
_PATH = re.compile(
    r"(?:\.{0,2}/)?(?:[\w@.-]+/)+[\w@.-]*|[\w-]+\.(?:[jt]sx?|mdx?|json|ya?ml|toml|css|html|env|sh|py|config)\b"
)
_DECLARED = re.compile(
    r"\b(?:const|let|var|function|class|interface|type|enum|def|import|as)\s+\*?\s*([A-Za-z_$][\w$]*)"
    r"|([A-Za-z_$][\w$]*)\s*(?:,|\)|\}|\])?\s*=>|\(([^()]*)\)\s*(?::[^=()]+)?=>|\bfunction\b[^(]*\(([^()]*)\)"
    r"|\b(?:const|let|var)\s*[\[{]([^\]}]*)[\]}]\s*="
)
_DIGITS = r"\d+(?:[.,_]\d+)*"
_STATED_NUMBER = re.compile(rf"(?<![\w.,-])v?({_DIGITS})")
_NO_STATEMENT = re.compile(r"^[ \t]*\d+[.)][ \t]|\]\([^)\s]*\)|\bhttps?://\S+", re.MULTILINE)
"""Where digits state nothing: the number of a list item, the target of a link, an address."""
_LANGUAGE_WORDS_TEXT = """
abstract and any arguments array as assert async await boolean bool break by case catch char class console const
constructor continue debugger declare def default delete div do elif else enum env error eval except export
extends false final finally float for from func function get global go goto header if implements import in init
instanceof int interface is json keyof lambda let list log main map math method module namespace never new nil
none not null number object of or package pass print private promise protected public raise readonly record
require return self set short static str string struct super switch symbol this throw throws to true try tuple
type typeof undefined union unknown val var void while with yield run install add dev start build test npm npx
yarn pnpm bun node git cd ls mkdir rm cp mv curl sudo pip docker make sh bash export echo window document
response request result data value key item items name id index options config props state args params children
input output event handler callback src dist foo bar baz example my your
"""
_LANGUAGE_WORDS = frozenset(_LANGUAGE_WORDS_TEXT.split())


def check_grounding(answer: str, sources: Iterable[str]) -> GroundingReport:
    """Look up what the answer writes as code.

    Args:
        answer: Markdown without citation marks.
        sources: Texts it may rest on: passages with their titles, the question, the selected text.
    """
    known = "\n".join(sources)
    words = set(_NAME.findall(known)) | set(re.findall(r"\w+", known))
    lowered = {word.lower() for word in words}
    claims, numbers = _claims(answer), _stated_numbers(answer)
    missing = [claim for claim in claims if not _is_known(claim, known, words, lowered)]
    if numbers:
        known_numbers = _known_numbers(known)
        missing += [number for number in numbers if _plain(number) not in known_numbers]
    return GroundingReport(checked_count=len(claims) + len(numbers), not_found=missing[:20])


def _claims(answer: str) -> list[str]:
    """Identifiers, flags and paths of the answer, each once, in order."""
    blocks = [code_in(part) for part, is_code in code_parts(answer) if is_code]
    prose = _prose(answer)
    spans = [match[2].strip() for match in _CODE_SPAN.finditer(prose)]
    declared = {name for block in blocks for name in _declared(block)}
    claims: list[str] = []
    for span in spans:
        claims.extend(_names(span, declared, inline=True))
    for block in blocks:
        claims.extend(_names(_COMMENT.sub(" ", block), declared, inline=False))
    return list(dict.fromkeys(claims))


def _prose(answer: str) -> str:
    """An answer without its blocks of code."""
    return "\n".join(part for part, is_code in code_parts(answer) if not is_code)


def _stated_numbers(answer: str) -> list[str]:
    """Numbers of two digits or more, and versions, outside code blocks, each once, in order."""
    numbers = _STATED_NUMBER.findall(_NO_STATEMENT.sub(" ", _prose(answer)))
    return list(dict.fromkeys(number for number in numbers if len(number) > 1))


def _known_numbers(text: str) -> set[str]:
    """Every number of a text; of a version `20.11.1` also `20.11` and `20`."""
    known: set[str] = set()
    for number in re.findall(_DIGITS, text):
        plain = _plain(number)
        known.update({plain, *re.split(r"\D", number)})
        known.update(plain[: dot.start()] for dot in re.finditer(r"\.", plain))
    return known


def _plain(number: str) -> str:
    """A number without what groups its digits."""
    return number.replace(",", "").replace("_", "")


def _declared(code: str) -> set[str]:
    return {
        name for match in _DECLARED.findall(code) for part in match for name in re.findall(r"[A-Za-z_$][\w$]*", part)
    }


def _names(code: str, declared: set[str], *, inline: bool) -> list[str]:
    paths = [path for path in _PATH.findall(code) if not path.startswith("//")]
    rest = _PATH.sub(" ", code)
    names = _NAME.findall(rest if inline else _STRING.sub(lambda match: _string_claims(match.group()), rest))
    return paths + [name for name in names if name not in declared and _worth_checking(name, inline=inline)]


def _string_claims(literal: str) -> str:
    """Strings are free text, except when they name a package, a path or an event."""
    inner = literal[1:-1]
    return f" {inner} " if re.fullmatch(r"@?[\w-]+(?:/[\w./-]+)?", inner) and looks_like_code(inner) else " "


def _worth_checking(name: str, *, inline: bool) -> bool:
    bare = name.lstrip("-@$_")
    if len(bare) < 3 or bare.lower() in _LANGUAGE_WORDS:
        return False
    return inline or looks_like_code(name) or len(bare) > 3


def _is_known(claim: str, known: str, words: set[str], lowered: set[str]) -> bool:
    if claim in words or claim in known:
        return True
    if "/" in claim or "." in claim:
        last = re.split(r"[/.]", claim.rstrip("/"))
        return all(part.lower() in lowered or len(part) < 3 for part in last if part)
    return claim.lower() in lowered or claim.lower().rstrip("s") in lowered
