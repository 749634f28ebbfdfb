"""How long a text is to the embedding model, counted by its own tokenizer."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from tokenizers import Tokenizer

from services.runtime.embedding_input import INPUT_FORMAT

CHARACTERS_PER_TOKEN = 16
"""A token never counts for more than this: a word the tokenizer gives up on must not hide a megabyte."""
_CHARACTERS_PER_TOKEN_WITHOUT_TOKENIZER = 3
_REMEMBERED_COUNTS = 2_048


@dataclass(frozen=True)
class ChunkingProfile:
    """How the embedding model reads: its id, its window in tokens (special tokens included), its tokenizer."""

    embedding_model: str
    max_tokens: int
    tokenizer_json: bytes = b""
    input_format: str = INPUT_FORMAT
    """How title, headings and text of a chunk are put together for the model."""

    @cached_property
    def counter(self) -> "TokenCounter":
        """A counter by the model's own tokenizer."""
        return TokenCounter(self.tokenizer_json)


class TokenCounter:
    """Counts tokens, special ones apart.

    Args:
        tokenizer_json: In the format of the `tokenizers` library; empty: three characters count as one token.
    """

    def __init__(self, tokenizer_json: bytes = b"") -> None:
        self._tokenizer: Tokenizer | None = None
        self.count = lru_cache(_REMEMBERED_COUNTS)(self._count)  # each text is asked for two or three times
        self.special_tokens = 2
        if tokenizer_json:
            self._tokenizer = Tokenizer.from_str(tokenizer_json.decode())
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            self.special_tokens = self._tokenizer.num_special_tokens_to_add(False)

    def _count(self, text: str) -> int:
        """Tokens of the text, at least one for each 16 characters."""
        if self._tokenizer is None:
            return -(-len(text) // _CHARACTERS_PER_TOKEN_WITHOUT_TOKENIZER)
        tokens = len(self._tokenizer.encode(text, add_special_tokens=False))
        return max(tokens, -(-len(text) // CHARACTERS_PER_TOKEN))

    def fits(self, text: str, limit: int) -> bool:
        """Whether the text has at most `limit` tokens; cheap even for a text that is far too long."""
        return len(text) <= limit * CHARACTERS_PER_TOKEN and self.count(text) <= limit

    def fitting_prefix(self, text: str, limit: int) -> int:
        """About how many characters from the start of the text fit into `limit` tokens; at least 1."""
        head = text[: limit * CHARACTERS_PER_TOKEN]
        if self._tokenizer is None:
            return max(1, min(len(head), limit * _CHARACTERS_PER_TOKEN_WITHOUT_TOKENIZER))
        ends = [end for _, end in self._tokenizer.encode(head, add_special_tokens=False).offsets]
        length = len(head) if len(ends) <= limit else ends[limit - 1]
        while length > 1 and not self.fits(text[:length], limit):
            length = length * 9 // 10  # a cut can change how the tokenizer reads the rest
        return max(1, length)
