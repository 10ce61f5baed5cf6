"""The vocabulary of Whisper, and the ids of its special tokens, from tokenizer.json."""
import base64

SPECIAL = {
    "sot": "<|startoftranscript|>",
    "eot": "<|endoftext|>",
    "transcribe": "<|transcribe|>",
    "translate": "<|translate|>",
    "sot_lm": "<|startoflm|>",
    "sot_prev": "<|startofprev|>",
    "no_speech": "<|nocaptions|>",
    "no_timestamps": "<|notimestamps|>",
}

# What is not spoken, and OpenAI's Whisper does not write by default: github.com/openai/whisper, tokenizer.py, non_speech_tokens.
SYMBOLS = [*'"#()*+/:;<=>@[\\]^_`{|}~「」『』', *"<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪".split()]
MUSIC = "♩♪♫♬♭♮♯"
WORD_STARTS = (" -", " '")  # allowed within words only


def byte_of():
    """Returns which byte each character of a token stands for.

    GPT-2's vocabulary writes a byte that is no printable character of Latin-1 as one from U+0100 on, in order.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(0x100 + i): b for i, b in enumerate(rest)}


class Vocabulary:
    """Tokens by their bytes, and special tokens by their names."""

    def __init__(self, tokenizer):
        byte = byte_of()
        self.special = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
        words = {word: number for word, number in tokenizer["model"]["vocab"].items() if word not in self.special}
        self.words = {bytes(byte[c] for c in word): number for word, number in words.items()}
        if sorted(self.words.values()) != list(range(len(self.words))):
            raise ValueError("tokenizer.json: the ids of its tokens have gaps")

    def id(self, name):
        """Returns the id of a special token by its name in SPECIAL."""
        return self.special[SPECIAL[name]]

    def languages(self):
        """Returns the codes of the languages and the ids of their tokens. They stand between two others."""
        between = range(self.id("sot") + 1, self.id("translate"))
        by_id = {number: text for text, number in self.special.items()}
        return [by_id[i].strip("<|>") for i in between], list(between)

    def unspoken(self):
        """Returns the ids of the tokens in SYMBOLS, MUSIC and WORD_STARTS, with a space before them and without."""
        found = {self.words[text.encode()] for text in WORD_STARTS}
        for symbol in [*SYMBOLS, *MUSIC]:
            for text in (symbol.encode(), (" " + symbol).encode()):
                while text not in self.words and symbol in MUSIC:
                    text = text[:-1]  # the token that begins it: that means music, too
                if text in self.words:
                    found.add(self.words[text])
        return sorted(found)

    def unwritten(self):
        """Returns the ids of all tokens that OpenAI's Whisper does not write by default: what is unspoken, and marks of its own.

        sherpa-onnx writes them. That is as well for dictation: noise that may only be written as words becomes words, not "[Music]".
        """
        marks = ("sot", "translate", "transcribe", "sot_lm", "sot_prev", "no_speech")
        return sorted([*self.unspoken(), *(self.id(name) for name in marks)])

    def lines(self):
        """Returns the vocabulary as sherpa-onnx reads it for Whisper: base64 of a token and its id. "=" is the empty one."""
        by_id = sorted((number, word) for word, number in self.words.items())
        return "".join(f"{base64.b64encode(word).decode() or '='} {number}\n" for number, word in by_id)
