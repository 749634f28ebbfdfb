"""How an answer begins, and whether its first words may be shown: some models begin with what readers must not see.

Thoughts whose opening tag stood in the prompt look like text until their closing tag comes, and a tool call written as
text is often announced by a sentence. So an answer that begins by talking about its task is held back until it is known
what it is; any other is let out with its first words.
"""

import re
from enum import Enum, auto

LONGEST_MONOLOGUE = 8000
"""Characters after which text that sounds like thinking is taken for the answer."""
LONGEST_ANNOUNCEMENT = 240
"""Characters after which an announcement that no tool call followed is taken for the answer."""
_FIRST_WORDS = 40
"""Characters that tell how an answer begins, when its first sentence is not shorter."""


class Opening(Enum):
    """What is known of an answer by its beginning."""

    UNKNOWN = auto()
    ANSWER = auto()
    ANNOUNCEMENT = auto()
    """A sentence that says what the model is about to do; a tool call may follow."""
    MONOLOGUE = auto()
    """The model talks to itself; a closing tag may follow."""
    CALL = auto()
    """A tool call, or the verdict of a safety model: no answer at all."""
    THOUGHT = auto()
    """Thoughts under a heading of words, as `Here is my thought process:`."""


def _one_of(*patterns: str) -> "re.Pattern[str]":
    return re.compile("|".join(patterns), re.IGNORECASE)


_INTERJECTION = re.compile(
    r"(?:(?:sure(?: thing)?|certainly|of course|absolutely|great(?: question)?|good question|got it|yes|hello|hi)"
    r"[,.!—–-]+\s*)+",
    re.IGNORECASE,
)
_MONOLOGUE = _one_of(
    r"(?:okay|ok|alright|all right|hmm+|wait|so)[,.:!… ]",
    r"first, (?:i|let|we)\b",
    r"(?:let's|let us) (?:see|think|look|check|break)",
    r"(?:we|i) (?:need|have|should|must|are|am|want|can see|see)\b",
    r"we're|i'm (?:going|asked)",
    r"(?:the|this|our) (?:user|reader|person|customer|question|query)\b",
    r"user (?:wants|asks|is|says)",
    r"they (?:want|ask|are|need|would)",
    r"(?:he|she|someone|somebody) (?:wants|asks|is asking)",
    r"looking at the (?:passages?|question|documentation|context)",
    r"based on the (?:user|question)",
    r"thinking|analy[sz]ing|(?:here's|here is) (?:a|my|the) thinking",
    r"用户|好的[，,]|嗯|首先[，,]|我(?:需要|来|应该)",
    r"ユーザー|질문|사용자|пользователь",
    r"der (?:nutzer|benutzer|leser)|l['’]utilisateur|el usuario|o usuário|l['’]utente",
)
_ANNOUNCEMENT = _one_of(
    r"let me\b|i(?:'ll|’ll| will| can) (?:search|look|check|find|use|call|first)",
    r"(?:searching|looking|checking|calling|using)\b",
    r"to (?:answer|find) (?:this|that|your)",
    r"(?:the|here(?:'s| is) the) answer(?: to (?:this|the|your) question)?(?: is)? ?:\s",
    r"allow me|one moment|give me a",
    r"ich (?:suche|schaue|werde)|lass(?:en sie)? mich",
    r"je (?:vais|cherche)|laissez-moi|voy a|déjame|vou\b|deixe-me",
    r"让我|我(?:会|将|先)|ドキュメントを検索|검색",
)
_CALL_STARTS = (
    '{"name":',
    '{"tool',
    '{"function',
    '{"type":"function',
    '{"arguments":',
    '{"query":',
    '[{"name":',
    '[{"type":"function',
    '```json{"name":',
    '```json{"tool',
    '```json[{"name":',
    "```tool",
    "search_docs(",
    "read_page(",
    "[search_docs(",
    "[read_page(",
    "functions.",
    "print(search_docs",
    "print(default_api",
    "action:",
    "usersafety:",
    "responsesafety:",
)
"""Without blanks and in small letters."""
_THOUGHT_HEADINGS = ("here'smythoughtprocess:", "hereismythoughtprocess:")
_BARE_CHANNEL = re.compile(r"(?:analysis|commentary)(?=[A-Z\"“(\d]|[ \t]*\n)")
_WHITESPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？\n]")
CITATION_MARK = re.compile(r"\[\^?\d{1,2}\]|［\d|【\d")
_CALL_LINE = re.compile(
    r"\n\s*(?:```\w*\s*)?"
    r"(?:[\[{]\s*\{?\s*\"(?:name|tool\w*|function\w*|type|arguments)\"\s*:"
    r"|(?:print\()?\[?(?:functions\.)?(?:search_docs|read_page)\s*[({:]"
    r"|(?:Action|Tool|Function):\s)"
)


def judge_opening(text: str, *, final: bool) -> Opening:
    """What an answer is by its first words; the same for every way of cutting it into pieces."""
    text = text.lstrip()
    compact = _WHITESPACE.sub("", text[:120]).lower().replace("’", "'")
    if compact.startswith(_CALL_STARTS):
        return Opening.CALL
    if compact.startswith(_THOUGHT_HEADINGS) or _BARE_CHANNEL.match(text):
        return Opening.THOUGHT
    beginnings = (*_CALL_STARTS, *_THOUGHT_HEADINGS, "analysis", "commentary")
    if not final and any(beginning.startswith(compact) for beginning in beginnings):
        return Opening.UNKNOWN
    if interjection := _INTERJECTION.match(text):
        text = text[interjection.end() :]
    sentence_end = _SENTENCE_END.search(text)
    if not final and sentence_end is None and len(text) < _FIRST_WORDS:
        return Opening.UNKNOWN
    first = text[: min(sentence_end.end() if sentence_end else _FIRST_WORDS, _FIRST_WORDS)]
    if _MONOLOGUE.match(first):
        return Opening.MONOLOGUE
    return Opening.ANNOUNCEMENT if _ANNOUNCEMENT.match(first) else Opening.ANSWER


def first_words_end(text: str) -> bool:
    """Whether enough has come to tell how an answer begins."""
    return len(text) >= _FIRST_WORDS or bool(_SENTENCE_END.search(text))


def may_be_shown(text: str, opening: Opening) -> bool:
    """Whether text that was held back because of its opening has proved to be an answer."""
    if opening is Opening.MONOLOGUE:
        return len(text) > LONGEST_MONOLOGUE
    return len(text) > LONGEST_ANNOUNCEMENT or bool(CITATION_MARK.search(text))


def call_after_announcement(text: str) -> int | None:
    """Where a tool call begins that was written as bare JSON or code below the sentence that announces it."""
    found = _CALL_LINE.search(text)
    return found.start() if found else None
