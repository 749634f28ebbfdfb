"""How much a block or a sentence speaks about a question, and whether it can be read on its own."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.quoting.blocks import Block, BlockKind
from services.agent.quoting.weights import WEIGHTS
from services.language.names import looks_like_code
from services.language.question_words import ASKING_IN_QUOTES
from services.language.sentences import announces, split_sentences
from services.language.terms import terms

_READING_HEADING = re.compile(
    r"^\W*(?:what(?:'s|’s| is) next|next steps?|(?:further|additional|more) (?:reading|information|resources)|"
    r"resources|see also|related(?: \w+)?|learn more|references?|links|下一步|更多\w*|参考\w*|相关\w*)\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\*\*[^*\n]{1,60}\*\*:?$")
_TYPES_ASKED = re.compile(
    r"\b(?:types?|typed|typing|typescript|interface|signature|options|parameters)\b", re.IGNORECASE
)
_DECLARING_LINE = re.compile(r"^\s*(?:/?\*|\w+\?:|(?:export\s+)?(?:declare|interface|type)\b)", re.MULTILINE)
_WHAT_IS = re.compile(
    r"^\W*(?:what(?:'s|’s| is| are| does)|define|explain)\b|什么是|是什么|何ですか|とは", re.IGNORECASE
)
_SAYS_WHAT_IT_IS = re.compile(
    r"\s(?:is|are|lets|allows?|means|represents?|describes?|refers to|provides?|returns?)\s|是(?:一|指|用)|とは"
)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|https?://\S+")
_WORD = re.compile(r"[^\W_]{2,}")
_LEANS_BACK = re.compile(
    r"^\W*(?:however|but|therefore|thus|hence|instead|otherwise|additionally|similarly|likewise|consequently|"
    r"given that|because of th(?:is|at)|for th(?:is|at) reason|as a result|that said|(?:un)?fortunately|also|so|then|"
    r"this|that|these|those|it|they|in (?:this|that|these|those|such|addition|contrast)|"
    r"the (?:above|former|latter|other)|to (?:do|prevent|fix|solve|avoid|achieve) (?:this|that|so|it))\b"
    r"|^\W*(?:但是|但|然而|因此|所以|于是|这|此|那么|同时|另外|否则|其中|上面|以上|しかし|これ|それ|そのため)",
    re.IGNORECASE,
)
_REMARK = re.compile(r"^\W*(?:note|tip|hint|info|caution|warning|注意|提示|注)\W", re.IGNORECASE)
_SEE_ALSO = re.compile(
    r"^\W*(?:(?:also\s+)?see\b|for (?:more|further|full|additional)\b.{0,40}\b(?:see|read|refer)\b|refs?\b|read more|"
    r"learn more|更多|详见|参见|参考)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as words with weights."""

    weights: dict[str, float]
    """How telling each word is: what stands in every passage tells nothing apart."""
    words: frozenset[str]
    """All its words, the small ones included."""
    asks_what_it_is: bool
    asks_for_types: bool
    best_relevance: float = 0.0
    """Of the passages, as the search sees them; 0 where it does not say."""

    @classmethod
    def of(cls, question: str, passages: Sequence[Passage]) -> Self:
        """The question, weighed against the passages found for it."""
        spread = Counter(term for passage in passages for term in set(terms(passage.text)))
        named = {term for word in question.split() if looks_like_code(word) for term in terms(word)[:1]}
        weights = {
            term: math.log(1 + (len(passages) + 1) / (spread[term] + 0.5)) * (WEIGHTS.named if term in named else 1.0)
            for term in terms(ASKING_IN_QUOTES.sub(" ", question)) or terms(question)
        }
        types = bool(_TYPES_ASKED.search(question))
        best = max((passage.relevance_score for passage in passages), default=0.0)
        return cls(weights, _all_words(question), bool(_WHAT_IS.search(question)), types, best)

    def trust_in(self, number: int, passage: Passage) -> float:
        """What a passage keeps of its score for its place in the search: by how relevant it is, else by its number."""
        if not self.best_relevance:
            return WEIGHTS.rank ** (number - 1)
        return float((passage.relevance_score / self.best_relevance) ** WEIGHTS.trust)

    @property
    def weight(self) -> float:
        """Weight of the whole question."""
        return sum(self.weights.values())

    def weight_in(self, text: str) -> float:
        """Weight of its words that a text has."""
        found = set(terms(text))
        return sum(weight for term, weight in self.weights.items() if term in found)

    def score_of(self, block: Block) -> float:
        """How much a block speaks about it; words that come again count a little, length costs a little."""
        found = Counter(terms(block.text))
        again = {term: WEIGHTS.repeated_word * min(count - 1, 2) for term, count in found.items()}
        matched = sum(weight * (1 + again[term]) for term, weight in self.weights.items() if term in again)
        return matched / (1 + WEIGHTS.length * len(block.text))

    def fit_of(self, block: Block) -> float:
        """Factor for what kind of text answers this kind of question."""
        if self.asks_what_it_is and block.kind is BlockKind.PROSE and self._is_defined_in(block.text):
            return WEIGHTS.defined
        if block.kind is BlockKind.CODE and not self.asks_for_types and _declares(block.text):
            return WEIGHTS.declaration
        return 1.0

    def sentence_score(self, sentence: str) -> float:
        """For choosing among sentences: shorter ones win a tie."""
        return self.weight_in(sentence) - WEIGHTS.sentence_length * len(sentence)

    def echo_of(self, heading: str) -> float:
        """How much a heading is the question itself, small words included: Jaccard's index of their words."""
        written = _all_words(heading)
        return len(self.words & written) / len(self.words | written) if self.words | written else 0.0

    def _is_defined_in(self, text: str) -> bool:
        for sentence in split_sentences(text)[:3]:
            subject, verb, _ = _cut(sentence)
            if verb and len(subject.split()) <= 8 and self.weight_in(subject) >= WEIGHTS.defined_share * self.weight:
                return True
        return False


def points_elsewhere(block: Block) -> bool:
    """Whether a paragraph tells where to read and not what: nothing but links, or "for more details, see …"."""
    if block.kind is not BlockKind.PROSE:
        return False
    has_link = bool(_LINK.search(block.text))
    if _SEE_ALSO.match(block.text):
        return has_link or announces(block.text)
    return has_link and len(_WORD.findall(_LINK.sub(" ", block.text))) < 3


def is_remark(block: Block) -> bool:
    """Whether a paragraph is a note beside the text, which leads in nothing."""
    return block.kind is BlockKind.PROSE and bool(_REMARK.match(block.text))


def is_reading_list(block: Block) -> bool:
    """Whether a list is nothing but links."""
    items = block.text.splitlines()
    return block.kind is BlockKind.LIST and all(len(_WORD.findall(_LINK.sub(" ", item))) < 2 for item in items)


def heading_fit(heading: str) -> float:
    """Factor for what a heading says about the text below it."""
    return WEIGHTS.elsewhere if _READING_HEADING.match(heading) else 1.0


def promises(block: Block) -> bool:
    """Whether a paragraph only announces what follows: "as in this example:", or a label by itself."""
    return is_label(block) or (block.kind is BlockKind.PROSE and announces(block.text))


def is_label(block: Block) -> bool:
    """Whether a paragraph is the label of what follows, as that of a tab."""
    return block.kind is BlockKind.PROSE and bool(_LABEL.match(block.text.rstrip()))


def stands_alone(block: Block) -> bool:
    """Whether a block can be understood without what stands before it ("However, …" cannot)."""
    return block.kind is not BlockKind.PROSE or not _LEANS_BACK.match(block.text)


def _declares(code: str) -> bool:
    lines = [line for line in code.splitlines()[1:-1] if line.strip()]
    return 2 * len(_DECLARING_LINE.findall(code)) >= len(lines) > 0


def _cut(sentence: str) -> tuple[str, str, str]:
    found = _SAYS_WHAT_IT_IS.search(sentence)
    return (sentence[: found.start()], found.group(), sentence[found.end() :]) if found else (sentence, "", "")


def _all_words(text: str) -> frozenset[str]:
    """Words as they are written; Chinese and Japanese in pairs, like everywhere else."""
    return frozenset(re.findall(r"[a-z0-9_]+", text.lower())) | frozenset(
        term for term in terms(ASKING_IN_QUOTES.sub(" ", text)) if not term.isascii()
    )
