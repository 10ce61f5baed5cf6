"""Write a Whisper model of CTranslate2 as a ggml file for whisper.cpp.

    ggml.py FOLDER OUT

FOLDER has model.bin and tokenizer.json. Only numpy and faster-whisper are needed.

Sources: src/models/model.cc of CTranslate2 4 (Model::load) for what is read;
whisper_model_load in src/whisper.cpp of version 1.9.1 for what is written.
"""

import json
import struct
import sys

import numpy
from faster_whisper.feature_extractor import FeatureExtractor

PARAMETERS = 72_593_920  # of Whisper base, as OpenAI's model card has it
HEAD_WIDTH = 64  # of every Whisper model
TEXT_TOKENS = 50_257  # whisper.cpp knows those that follow by their number
SAMPLE_RATE, WINDOW = 16_000, 400
FLOAT32, FLOAT16 = 0, 1  # ggml's numbers of the two types
TYPES = {0: "<f4", 4: "<f2"}  # CTranslate2's


class Reader:
    """Reads the numbers and strings of a CTranslate2 file."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        part = self.data[self.at : self.at + size]
        if len(part) != size:
            raise ValueError("model.bin ends too early")
        self.at += size
        return part

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def string(self):
        return self.take(self.number("H")).rstrip(b"\0").decode()

    def tensor(self):
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind = TYPES.get(self.number("B"))
        data = self.take(self.number("I"))
        if kind is None:
            return None  # a flag of the converter, such as an integer
        return numpy.frombuffer(data, kind).reshape(shape)


def read_model(path):
    """Return the tensors of model.bin by CTranslate2's names."""
    with open(path, "rb") as file:
        reader = Reader(file.read())
    version = reader.number("I")
    if version < 4:
        raise ValueError(f"model.bin has format {version}, want 4 or later")
    reader.string(), reader.number("I")  # name and revision of the layout
    tensors = {}
    for _ in range(reader.number("I")):
        name = reader.string()
        tensors[name] = reader.tensor()
    return {name: t for name, t in tensors.items() if t is not None and t.ndim}


def linear(source, to, bias=True):
    """Yield OpenAI's name and CTranslate2's of a layer's weight and bias."""
    yield to + ".weight", source + "/weight"
    if bias:
        yield to + ".bias", source + "/bias"


def norm(source, to):
    yield to + ".weight", source + "/gamma"
    yield to + ".bias", source + "/beta"


def block_names(source, to, is_decoder):
    """Yield pairs of names of one block, but for the joined projections."""
    yield from norm(source + "/self_attention/layer_norm", to + ".attn_ln")
    yield from linear(source + "/self_attention/linear_1", to + ".attn.out")
    if is_decoder:
        yield from norm(source + "/attention/layer_norm", to + ".cross_attn_ln")
        yield from linear(source + "/attention/linear_0", to + ".cross_attn.query")
        yield from linear(source + "/attention/linear_2", to + ".cross_attn.out")
    yield from norm(source + "/ffn/layer_norm", to + ".mlp_ln")
    yield from linear(source + "/ffn/linear_0", to + ".mlp.0")
    yield from linear(source + "/ffn/linear_1", to + ".mlp.2")


def joined(tensors, source, to, parts):
    """Yield the projections that CTranslate2 keeps as one, apart. A key has no bias."""
    weights = numpy.split(tensors[source + "/weight"], len(parts))
    biases = numpy.split(tensors[source + "/bias"], len(parts))
    for part, weight, bias in zip(parts, weights, biases):
        yield f"{to}.{part}.weight", weight
        if part != "key":
            yield f"{to}.{part}.bias", bias
        elif bias.any():
            raise ValueError(f"{source}: a key has a bias")


def openai_tensors(tensors):
    """Yield the tensors by the names of OpenAI's checkpoint, which ggml files have."""
    names = [
        ("encoder.positional_embedding", "encoder/position_encodings/encodings"),
        ("decoder.positional_embedding", "decoder/position_encodings/encodings"),
        ("decoder.token_embedding.weight", "decoder/embeddings/weight"),
        *linear("encoder/conv1", "encoder.conv1"),
        *linear("encoder/conv2", "encoder.conv2"),
        *norm("encoder/layer_norm", "encoder.ln_post"),
        *norm("decoder/layer_norm", "decoder.ln"),
    ]
    for side in ("encoder", "decoder"):
        for i in range(layers(tensors, side)):
            source, to = f"{side}/layer_{i}", f"{side}.blocks.{i}"
            names += block_names(source, to, side == "decoder")
            yield from joined(tensors, source + "/self_attention/linear_0", to + ".attn", ("query", "key", "value"))
            if side == "decoder":
                yield from joined(tensors, source + "/attention/linear_1", to + ".cross_attn", ("key", "value"))
    for to, source in names:
        yield to, tensors[source]


def layers(tensors, side):
    return len([n for n in tensors if n.startswith(side + "/layer_") and n.endswith("/ffn/linear_0/weight")])


def text_tokens(path):
    """Return the bytes of each token: the tokenizer's file has GPT-2's spelling of them."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [b for b in range(256) if b not in plain]
    byte_of = {chr(b): b for b in plain} | {chr(256 + i): b for i, b in enumerate(others)}
    with open(path, encoding="utf-8") as file:
        ids = json.load(file)["model"]["vocab"]
    spellings = sorted((i, spelling) for spelling, i in ids.items() if i < TEXT_TOKENS)
    return [bytes(byte_of[c] for c in spelling) for _, spelling in spellings]


def write_tensor(file, name, tensor):
    if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
        tensor = tensor.reshape(-1, 1)
    is_half = tensor.ndim > 1 and not name.endswith(("bias", "positional_embedding"))
    encoded = name.encode()
    file.write(struct.pack("<3i", tensor.ndim, len(encoded), FLOAT16 if is_half else FLOAT32))
    file.write(struct.pack(f"<{tensor.ndim}i", *reversed(tensor.shape)))
    file.write(encoded + tensor.astype("<f2" if is_half else "<f4").tobytes())


def main(folder, out):
    read = read_model(folder + "/model.bin")
    tensors = dict(openai_tensors(read))
    count = sum(t.size for t in tensors.values())
    if count != PARAMETERS:
        raise ValueError(f"{count} parameters, want {PARAMETERS}")
    tokens = text_tokens(folder + "/tokenizer.json")
    vocabulary = tensors["decoder.token_embedding.weight"].shape[0]
    mels = tensors["encoder.conv1.weight"].shape[1]
    audio, width = tensors["encoder.positional_embedding"].shape
    text = tensors["decoder.positional_embedding"].shape[0]
    heads = width // HEAD_WIDTH
    filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE, WINDOW, n_mels=mels).astype("<f4")
    with open(out, "wb") as file:
        file.write(struct.pack("<I", 0x67676D6C))
        file.write(struct.pack("<6i", vocabulary, audio, width, heads, layers(read, "encoder"), text))
        file.write(struct.pack("<5i", width, heads, layers(read, "decoder"), mels, FLOAT16))
        file.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        file.write(struct.pack("<i", len(tokens)))
        for token in tokens:
            file.write(struct.pack("<i", len(token)) + token)
        for name, tensor in tensors.items():
            write_tensor(file, name, tensor)


if __name__ == "__main__":
    main(*sys.argv[1:])
