"""Control tokens of language models: how they look, and what each one does. Data, with a default for the unknown.

A token is a name in one of five kinds of brackets. What its name means stands in the tables below. A name that stands
in none, in brackets that only models use, is dropped: never shown, and never the end of an answer by itself.

Source:
    The vendors' published chat templates and formats: OpenAI harmony (`<|channel|>`), Google Gemma 3 and 4
    (`<start_of_turn>`, `<|turn>`, `<|channel>`), Qwen and Hermes (ChatML, `<think>`, `<tool_call>`), DeepSeek R1 to
    V3.2 (`<｜tool▁calls▁begin｜>`, DSML), Mistral (`[THINK]`, `[TOOL_CALLS]`), Moonshot Kimi (`◁think▷`,
    `<|tool_calls_section_begin|>`), MiniMax M2 (`<minimax:tool_call>`), Zhipu GLM (`<|assistant|>`, `<arg_key>`), Meta
    Llama 3 (`<|start_header_id|>`, `<|python_tag|>`), Cohere Command (`<|START_THINKING|>`), IBM Granite
    (`<|start_of_role|>`), ByteDance Seed (`<seed:think>`), Liquid LFM2 (`<|tool_call_start|>`), Poolside
    (`<assistant>`), Meta Llama 2 (`<<SYS>>`), LG EXAONE (`[|assistant|]`), NVIDIA Nemotron (`<SPECIAL_11>`), Upstage
    Solar (`<|begin|>assistant<|content|>`), Swiss AI Apertus (`<|inner_prefix|>`), MiniMax M2's turns (`]~b]ai`),
    Naver HyperCLOVA (`<|im_start|>assistant/think`); the reasoning and tool parsers of vLLM 0.22 for what these models
    write in practice.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto


class TokenKind(Enum):
    """What a token does."""

    THOUGHT_OPENS = auto()
    THOUGHT_CLOSES = auto()
    CALL_OPENS = auto()
    ANSWER_OPENS = auto()
    HEADER_OPENS = auto()
    """A role or channel follows, up to the end of its line or the next token."""
    HEADER_CLOSES = auto()
    CHANNEL_CLOSES = auto()
    OWN_TURN = auto()
    FOREIGN_TURN = auto()
    TURN_ENDS = auto()
    DROPPED = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A control token that stands at a place of the text."""

    kind: TokenKind
    length: int
    """Characters."""
    text: str


class MoreNeeded(Exception):
    """More text is needed to tell whether a token stands here."""


TOKEN_START = re.compile(r"[<\[\]◁\ue200]")

_NAME = r"[A-Za-z▁][\w▁:./+-]{1,63}"
_PIPED = re.compile(
    rf"<(/)?[|｜]({_NAME})(?:[|｜]([^<>\n]{{0,200}}))?>"
)  # <|name|>, <|name>, <｜DSML｜invoke name="…">
_PIPED_CLOSE = re.compile(r"<([A-Za-z_]{2,40})[|｜]>")  # <channel|>
_TAGGED = re.compile(r"<(/)?([A-Za-z][\w.:-]{0,63})((?:=|\s)[^<>]{0,300}|/)?>")
_SQUARE = re.compile(r"\[(/)?([A-Z][A-Z_]{2,30})\]")
_SQUARE_PIPED = re.compile(r"\[\|(/)?([A-Za-z_]{3,40})\|\]")  # [|endofturn|]
_TRIANGLE = re.compile(r"◁(/)?([\w/]{1,40})▷")
_MINIMAX = re.compile(r"\]~b\]|\]~!b\[|\]![a-z]~\[|\[e~\[")
_LLAMA_2 = re.compile(r"<<(/)?SYS>>")
_PRIVATE = re.compile(r"\ue200[^\ue200\ue201\n]{0,200}\ue201")  # references of ChatGPT to its own search

_PIPED_PARTIAL = re.compile(r"</?(?:[|｜](?:[A-Za-z▁][\w▁:./+-]{0,63}(?:[|｜][^<>\n]{0,200})?)?)?")
_PIPED_CLOSE_PARTIAL = re.compile(r"<[A-Za-z_]{0,40}[|｜]?")
_TAG_NAME_PARTIAL = re.compile(r"</?(?:[A-Za-z][\w.:-]{0,63})?")
_TAG_PARTIAL = re.compile(r"<(/)?([A-Za-z][\w.:-]{0,63})(?:[=\s][^<>]{0,300}|/)")
_SQUARE_PARTIAL = re.compile(r"\[/?[A-Z_]{0,31}")
_SQUARE_PIPED_PARTIAL = re.compile(r"\[\|(?:/?[A-Za-z_]{0,40}\|?)?")
_MINIMAX_PARTIAL = re.compile(r"\](?:~!?b?|![a-z]?~?)?|\[e~?")
_LLAMA_2_PARTIAL = re.compile(r"<<?(?:/?S?Y?S?>?)?")
_PRIVATE_PARTIAL = re.compile(r"\ue200[^\ue200\ue201\n]{0,200}")
_CUT_OFF = re.compile(
    r"</?[|｜][A-Za-z▁][^<>]*|\[\|/?[A-Za-z_]{3,}\|?|◁[\w/]+|\ue200.*|(?P<tag></?\w{3,}|\[/?[A-Z_]{4,})"
)
"""What the end of a text can only be the beginning of; a tag or a word in brackets also has to be a token's."""
_TRIANGLE_PARTIAL = re.compile(r"◁[\w/]{0,41}")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TURN_ENDS = _names(
    "im_end eot eot_id eom eom_id end end_of_turn endofturn endoftext end_of_text end_of_sentence end_of_message eos"
    " eod return end_of_turn_token turn_end flush"
)
_HEADER_OPENS = _names("im_start start_header_id start_of_turn start turn start_of_role channel role begin")
_HEADER_CLOSES = _names("message im_sep end_header_id end_of_role header_end role_end constrain content")
_OWN_ROLES = _names("assistant model bot chatbot chatbot_token ai gpt")
_FOREIGN_ROLES = _names(
    "user human system developer tool observation environment user_token system_token inst available_tools tool_results"
    " tool_result tool_response tool_responses tool_outputs system_prompt query"
)
_THOUGHTS = re.compile(
    r"(?:.*[:_.])?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratch_?pad|(?:inner_)?monologue|analysis"
    r"|deliberation|chain_of_thought|cot|contemplation|internal)"
)
_CALLS = re.compile(
    r"(?:.*[:_.])?(?:tools?_?calls?(?:_section|_argument)?|tools?_?code|function_?calls?|functions?|invoke|tool_?use"
    r"|use_tool|tool_sep|python_tag|tools_prefix|action|call|parameters?|arg_key|arg_value|tool_name|args|call_id)"
)
_CALL_TAGS = re.compile(
    r"(?:.*[:_.])?(?:tools?_?calls?|tools?_?code|function_?calls?|invoke|tool_?use|use_tool|use_mcp_tool)"
    r"|search_docs|read_page"
)
"""Written as plain tags, `<function>` or `<action>` may be anybody's; these are a model's."""
_ANSWERS = re.compile(r"(?:.*[:_.])?(?:answer|final|final_answer|final_response|response|solution)")
_NUMBERED = re.compile(r"(?P<opens>special_|extra_id_)?(?:(?<=_)|unused_?|reserved_?)\d+")
"""`<SPECIAL_11>`, `<extra_id_1>` open a turn, `<unused95>` stands for nothing."""
_WHOLE_NAMES = _names(
    "think thinking thought thoughts reasoning reflection scratchpad tool_call tool_calls function_call function_calls"
    " tool_code minimax:tool_call seed:think passage start_of_turn end_of_turn THINK TOOL_CALLS TOOL_CALL ARGS INST"
    " SYSTEM_PROMPT"
)
_OWN_DELIMITERS = _names("passage selected_text reader_page question")
_EDGE = re.compile(r"^(begin|start|end)_(?:of_)?|_(begin|start|end)$")


def read_token(text: str, at: int, *, before: str, final: bool, mentions: bool = True) -> Token | None:
    """The control token at a place; None when none stands there.

    Args:
        text: What was written.
        at: Place of one of `<`, `[`, `◁`.
        before: The two characters before the place.
        final: Nothing follows the text.
        mentions: Whether a sentence may speak about a token, with blanks or punctuation around it.

    Raises:
        MoreNeeded: If more text may still make one; never when `final`.
    """
    token = _matched(text, at)
    if token is None:
        if not final and _may_become_one(text[at:]):
            raise MoreNeeded
        return Token(TokenKind.DROPPED, len(text) - at, text[at:]) if final and _is_cut_off(text[at:]) else None
    following = text[at + token.length : at + token.length + 2]
    if not final and len(following) < 2 and (_after_a_word(before) or text[at] == "["):
        raise MoreNeeded
    if _SQUARE.match(text, at) and not _stands_as_token(token, before, following):
        return None
    if mentions and _is_mentioned(before, following):
        return None
    return token


def _matched(text: str, at: int) -> Token | None:
    match text[at]:
        case "\ue200":
            found = _PRIVATE.match(text, at)
            return _token(found, TokenKind.DROPPED) if found else None
        case "]" | "[" if found := _MINIMAX.match(text, at):
            kinds = {"]~b]": TokenKind.HEADER_OPENS, "[e~[": TokenKind.TURN_ENDS}
            return _token(found, kinds.get(found.group(), TokenKind.DROPPED))
        case "]":
            return None
        case "[":
            found = _SQUARE.match(text, at) or _SQUARE_PIPED.match(text, at)
            return _token(found, _kind_in_own_brackets(found[2], closes=bool(found[1]))) if found else None
        case "◁":
            found = _TRIANGLE.match(text, at)
            if found is None:
                return None
            closes = bool(found[1]) or "/" in found[2]
            return _token(found, _kind_in_own_brackets(found[2].strip("/"), closes=closes))
    return _matched_angle(text, at)


def _matched_angle(text: str, at: int) -> Token | None:
    if found := _LLAMA_2.match(text, at):
        return _token(found, TokenKind.ANSWER_OPENS if found[1] else TokenKind.DROPPED)
    if found := _PIPED.match(text, at):
        # `<｜DSML｜invoke name="…">`: the family stands between the bars, the name after them
        name = found[3].split()[0].split("=")[0] if found[3] and found[3].strip() else found[2]
        closes = bool(found[1]) or name.startswith("/") or found[2].startswith("/")
        return _token(found, _kind_in_own_brackets(name.strip("/"), closes=closes))
    if found := _PIPED_CLOSE.match(text, at):
        return _token(found, _kind_in_own_brackets(found[1], closes=True))
    if found := _TAGGED.match(text, at):
        kind = _kind_of_tag(found[2], closes=bool(found[1]), rest=found[3] or "")
        return _token(found, kind) if kind else None
    return None


def _token(found: "re.Match[str]", kind: TokenKind) -> Token:
    return Token(kind, found.end() - found.start(), found.group())


def _kind_in_own_brackets(written: str, *, closes: bool) -> TokenKind:
    """What a name means in brackets that only models use."""
    name = written.lower().replace("▁", "_").replace("-", "_")
    if closes and name == "channel":
        return TokenKind.CHANNEL_CLOSES
    if closes and name == "turn":
        return TokenKind.TURN_ENDS
    if closes and name == "inst":
        return TokenKind.OWN_TURN
    if name in _TURN_ENDS:
        return TokenKind.TURN_ENDS
    if not closes and name in _HEADER_OPENS:
        return TokenKind.HEADER_OPENS
    if name in _HEADER_CLOSES:
        return TokenKind.HEADER_CLOSES
    if name in ("inner_prefix", "inner_suffix"):
        return TokenKind.THOUGHT_OPENS if name.endswith("prefix") else TokenKind.THOUGHT_CLOSES
    edge = _EDGE.search(name)
    closes = closes or bool(edge and "end" in edge.groups())
    name = _EDGE.sub("", name)
    if name in _OWN_ROLES:
        return TokenKind.DROPPED if closes else TokenKind.OWN_TURN
    if name in _FOREIGN_ROLES:
        return TokenKind.DROPPED if closes else TokenKind.FOREIGN_TURN
    return _kind_of_segment(name, _CALLS, closes=closes) or TokenKind.DROPPED


def _kind_of_tag(written: str, *, closes: bool, rest: str) -> TokenKind | None:
    """What a plain tag means; None when it may be HTML, JSX or a type of somebody's."""
    name = written.lower().replace("-", "_")
    if name in ("start_of_turn", "end_of_turn"):
        return TokenKind.HEADER_OPENS if name == "start_of_turn" else TokenKind.TURN_ENDS
    if numbered := _NUMBERED.fullmatch(name):
        return TokenKind.HEADER_OPENS if numbered["opens"] else TokenKind.DROPPED
    if name in ("assistant", "co", "bos", "eos", "pad", "unk") or (name == "s" and not rest):
        return TokenKind.DROPPED
    if name in _OWN_DELIMITERS:
        return TokenKind.DROPPED
    if name == "function" and rest.startswith("="):
        return TokenKind.CALL_OPENS
    is_plain = written.islower() or written.isupper()  # a component's name is neither
    if is_plain and (kind := _kind_of_segment(name, _CALL_TAGS, closes=closes)):
        return kind
    return TokenKind.DROPPED if ":" in name and is_plain else None


def _kind_of_segment(name: str, calls: "re.Pattern[str]", *, closes: bool) -> TokenKind | None:
    if _THOUGHTS.fullmatch(name):
        return TokenKind.THOUGHT_CLOSES if closes else TokenKind.THOUGHT_OPENS
    if calls.fullmatch(name):
        return TokenKind.DROPPED if closes else TokenKind.CALL_OPENS
    if _ANSWERS.fullmatch(name):
        return TokenKind.DROPPED if closes else TokenKind.ANSWER_OPENS
    return None


def _may_become_one(rest: str) -> bool:
    match rest[0]:
        case "[" | "]":
            return any(
                partial.fullmatch(rest) for partial in (_SQUARE_PARTIAL, _SQUARE_PIPED_PARTIAL, _MINIMAX_PARTIAL)
            )
        case "\ue200":
            return bool(_PRIVATE_PARTIAL.fullmatch(rest))
        case "◁":
            return bool(_TRIANGLE_PARTIAL.fullmatch(rest))
    partials = (_LLAMA_2_PARTIAL, _PIPED_PARTIAL, _PIPED_CLOSE_PARTIAL, _TAG_NAME_PARTIAL)
    if any(partial.fullmatch(rest) for partial in partials):
        return True
    tag = _TAG_PARTIAL.fullmatch(rest)
    return bool(tag and _kind_of_tag(tag[2], closes=bool(tag[1]), rest=rest[tag.end(2) :]))


def _is_cut_off(rest: str) -> bool:
    """Whether a text ends in the beginning of a token, because its model was stopped there."""
    found = _CUT_OFF.fullmatch(rest)
    if found is None or not found["tag"]:
        return found is not None
    return any(name.startswith(rest.lstrip("</[")) for name in _WHOLE_NAMES)


def _stands_as_token(token: Token, before: str, following: str) -> bool:
    """`[API](…)` is a link, `[OPTIONS]` between blanks a word of the docs; tokens touch what they belong to."""
    if following[:1] == "(":
        return False
    if token.kind is not TokenKind.DROPPED or token.text.startswith("[/"):
        return True
    if following[:1] in ("[", ":"):
        return False
    touches = before[-1:] not in ("", " ", "\t", "\n") or following[:1] not in ("", " ", "\t", "\n")
    alone = before[-1:] in ("", "\n") and following[:1] in ("", "\n")
    return touches or alone


def _after_a_word(before: str) -> bool:
    return len(before) == 2 and before[1] == " " and (before[0].isalnum() or before[0] in ",;:")


def _is_mentioned(before: str, following: str) -> bool:
    """`the <think> tag` speaks about a token: a word and a blank before it, the sentence going on behind it."""
    if not _after_a_word(before) or not following:
        return False
    goes_on = following[0] == " " and len(following) == 2 and (following[1].islower() or following[1].isdigit())
    return goes_on or following[0] in ",;)?!" or (following[0] == "." and following[1:2] in ("", " ", "\n"))
