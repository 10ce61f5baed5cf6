"""Whisper's encoder and decoder as sherpa-onnx loads them (github.com/k2-fsa/sherpa-onnx, scripts/whisper/export-onnx.py).

The encoder turns a spectrogram into keys and values, to which each layer of the decoder attends. The decoder takes some tokens and
the keys and values of those before, and returns how likely each token is next.
"""
import numpy as np
from onnx import TensorProto

from graph import Graph, quantize

HEAD = 64  # the size of a head in all of OpenAI's models
NEVER = np.float32(-1e9)
SMALL = np.float32(1e-4)  # below any weight that matters

ZERO, ONE, END = np.array([0]), np.array([1]), np.array([np.iinfo(np.int64).max])


def dimensions(weights):
    """Returns the sizes of a model, by OpenAI's names."""
    def layers(side):
        return len({name.split(".")[2] for name in weights if name.startswith(side + ".blocks.")})

    audio, text = weights["encoder.positional_embedding"].shape, weights["decoder.positional_embedding"].shape
    return {
        "n_mels": weights["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": audio[0], "n_audio_state": audio[1], "n_audio_head": audio[1] // HEAD, "n_audio_layer": layers("encoder"),
        "n_vocab": weights["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": text[0], "n_text_state": text[1], "n_text_head": text[1] // HEAD, "n_text_layer": layers("decoder"),
    }


def balance(weights):
    """Returns the weights with those of each norm and of the linear layers that it feeds balanced; the network is the same.

    int8 loses the small among what is multiplied together. A norm gives some of its outputs much larger values than others, and is
    divided by the factors that its layers are multiplied by (Xiao et al., SmoothQuant, arXiv 2211.10438). How large the outputs are is
    estimated from the norm itself: before its own weights they are about as large as a standard deviation, and three is rare.
    """
    weights = dict(weights)

    def divide(norm, *layers):
        outputs = 3 * np.abs(weights[norm + ".weight"]) + np.abs(weights[norm + ".bias"])
        inputs = np.max([np.abs(weights[layer + ".weight"]).max(axis=0) for layer in layers], axis=0)
        factors = np.sqrt(np.maximum(outputs, SMALL) / np.maximum(inputs, SMALL))
        for part in (".weight", ".bias"):
            weights[norm + part] = weights[norm + part] / factors
        for layer in layers:
            weights[layer + ".weight"] = weights[layer + ".weight"] * factors

    sizes = dimensions(weights)
    for side, count in (("encoder", sizes["n_audio_layer"]), ("decoder", sizes["n_text_layer"])):
        for block in (f"{side}.blocks.{i}" for i in range(count)):
            divide(block + ".attn_ln", *(f"{block}.attn.{part}" for part in ("query", "key", "value")))
            divide(block + ".mlp_ln", block + ".mlp.0")
            if side == "decoder":
                divide(block + ".cross_attn_ln", block + ".cross_attn.query")
    crossed = (f"decoder.blocks.{i}.cross_attn.{part}" for i in range(sizes["n_text_layer"]) for part in ("key", "value"))
    divide("encoder.ln_post", *crossed)
    return weights


class Network(Graph):
    """The layers that encoder and decoder have in common, with the weights of a checkpoint."""

    def __init__(self, weights, by_row):
        super().__init__(by_row)
        self.weights = weights
        self.sizes = dimensions(weights)

    def project(self, x, layer, factor=1):
        """Returns a linear layer of x, times factor."""
        bias = self.weights.get(layer + ".bias")
        return self.linear(x, layer, self.weights[layer + ".weight"] * np.float32(factor), None if bias is None else bias * np.float32(factor))

    def norm(self, x, layer):
        weight, bias = (self.constant(self.weights[f"{layer}.{part}"], f"{layer}.{part}") for part in ("weight", "bias"))
        return self.add("LayerNormalization", x, weight, bias, axis=-1, epsilon=1e-5)

    def gelu(self, x):
        bell = self.add("Erf", self.add("Mul", x, np.float32(0.5 ** 0.5)))
        return self.add("Mul", self.add("Mul", x, np.float32(0.5)), self.add("Add", bell, np.float32(1)))

    def convolve(self, x, layer, stride):
        weight, bias = (self.constant(self.weights[f"{layer}.{part}"], f"{layer}.{part}") for part in ("weight", "bias"))
        return self.gelu(self.add("Conv", x, weight, bias, pads=[1, 1], strides=[stride]))

    def query(self, x, layer):
        """Returns the query of an attention layer, with the factor that OpenAI's code puts on query and key."""
        return self.project(x, layer + ".query", HEAD ** -0.5)

    def heads(self, x, order):
        split = self.add("Reshape", x, np.array([0, 0, -1, HEAD]))
        return self.add("Transpose", split, perm=order)

    def attend(self, query, keys, values, layer, mask=None):
        likeness = self.add("MatMul", self.heads(query, [0, 2, 1, 3]), self.heads(keys, [0, 2, 3, 1]))
        if mask:
            likeness = self.add("Add", likeness, mask)
        found = self.add("MatMul", self.add("Softmax", likeness, axis=-1), self.heads(values, [0, 2, 1, 3]))
        joined = self.add("Reshape", self.add("Transpose", found, perm=[0, 2, 1, 3]), np.array([0, 0, self.sizes["n_text_state"]]))
        return self.project(joined, layer + ".out")

    def feed(self, x, block):
        """Returns x with the output of the two last layers of a block added."""
        y = self.project(self.gelu(self.project(self.norm(x, block + ".mlp_ln"), block + ".mlp.0")), block + ".mlp.2")
        return self.add("Add", x, y)

    def stack(self, values):
        return self.add("Concat", *(self.add("Unsqueeze", value, ZERO) for value in values), axis=0)

    def caches(self, middle):
        return [self.sizes["n_text_layer"], "n_audio", middle, self.sizes["n_text_state"]]


def encoder(weights, metadata):
    """Returns the encoder as a model that has metadata."""
    g = Network(weights, by_row=True)
    x = g.convolve(g.convolve("mel", "encoder.conv1", 1), "encoder.conv2", 2)
    x = g.add("Transpose", x, perm=[0, 2, 1])
    places = g.constant(weights["encoder.positional_embedding"], "encoder.positional_embedding")
    x = g.add("Add", x, g.add("Slice", places, ZERO, g.size(x, 1), ZERO))
    for i in range(g.sizes["n_audio_layer"]):
        block = f"encoder.blocks.{i}"
        y, layer = g.norm(x, block + ".attn_ln"), block + ".attn"
        y = g.attend(g.query(y, layer), g.project(y, layer + ".key"), g.project(y, layer + ".value"), layer)
        x = g.feed(g.add("Add", x, y), block)
    x = g.norm(x, "encoder.ln_post")
    outputs = {}
    for part in ("key", "value"):
        layers = [g.project(x, f"decoder.blocks.{i}.cross_attn.{part}") for i in range(g.sizes["n_text_layer"])]
        outputs[g.stack(layers)] = (f"n_layer_cross_{part[0]}", TensorProto.FLOAT, g.caches("T2"))
    return g.model("encoder", [("mel", TensorProto.FLOAT, ["n_audio", g.sizes["n_mels"], "T"])], outputs, metadata)


def decoder(weights):
    """Returns the decoder as a model."""
    g = Network(weights, by_row=False)  # it computes one row at a time
    count = g.size("tokens", 1)
    end = g.add("Add", "offset", count)
    rows, scales = quantize(weights["decoder.token_embedding.weight"])
    table, scale = g.constant(rows, "decoder.token_embedding.weight"), g.constant(scales, "decoder.token_embedding.scale")
    x = g.add("Mul", g.add("Cast", g.add("Gather", table, "tokens"), to=TensorProto.FLOAT), g.add("Gather", scale, "tokens"))
    places = g.constant(weights["decoder.positional_embedding"], "decoder.positional_embedding")
    x = g.add("Add", x, g.add("Slice", places, "offset", end, ZERO))

    def number(vector):
        return g.add("Squeeze", vector, ZERO)

    columns = g.add("Range", np.int64(0), number(end), np.int64(1))
    lines = g.add("Range", number("offset"), number(end), np.int64(1))
    later = g.add("Greater", g.add("Unsqueeze", columns, ZERO), g.add("Unsqueeze", lines, ONE))
    mask = g.add("Where", later, NEVER, np.float32(0))
    caches = {"k": [], "v": []}
    for i in range(g.sizes["n_text_layer"]):
        block, attended = f"decoder.blocks.{i}", []
        layer, y = block + ".attn", g.norm(x, block + ".attn_ln")
        for part, name in (("k", "key"), ("v", "value")):
            cache = g.add("Gather", f"in_n_layer_self_{part}_cache", np.int64(i), axis=0)
            known = g.add("Concat", g.add("Slice", cache, ZERO, "offset", ONE), g.project(y, f"{layer}.{name}"), axis=1)
            caches[part].append(g.add("Concat", known, g.add("Slice", cache, end, END, ONE), axis=1))
            attended.append(known)
        x = g.add("Add", x, g.attend(g.query(y, layer), *attended, layer, mask))
        layer, y = block + ".cross_attn", g.norm(x, block + ".cross_attn_ln")
        attended = [g.add("Gather", f"n_layer_cross_{part}", np.int64(i), axis=0) for part in "kv"]
        x = g.add("Add", x, g.attend(g.query(y, layer), *attended, layer))
        x = g.feed(x, block)
    # The table serves once more: each row against x. ONNX Runtime transposes it when it loads the model.
    columns = g.add("Transpose", table, perm=[1, 0])
    logits = g.product(g.norm(x, "decoder.ln"), columns, g.constant(scales.reshape(-1), "logits.scale"))
    outputs = {logits: ("logits", TensorProto.FLOAT, ["n_audio", "n_tokens", g.sizes["n_vocab"]])}
    for part in "kv":
        outputs[g.stack(caches[part])] = (f"out_n_layer_self_{part}_cache", TensorProto.FLOAT, g.caches(g.sizes["n_text_ctx"]))
    inputs = [
        ("tokens", TensorProto.INT64, ["n_audio", "n_tokens"]),
        *((f"in_n_layer_self_{part}_cache", TensorProto.FLOAT, g.caches(g.sizes["n_text_ctx"])) for part in "kv"),
        *((f"n_layer_cross_{part}", TensorProto.FLOAT, g.caches("T2")) for part in "kv"),
        ("offset", TensorProto.INT64, [1]),
    ]
    return g.model("decoder", inputs, outputs, {})
