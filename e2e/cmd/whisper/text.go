package main

import (
	"strings"

	"github.com/arealicehole/vocoder/e2e/servers"
)

const head = `# Whisper

To dictate in your language, run one of these servers and name it in ` + "`~/.config/vocoder/vocoder.yaml`" + `:

- **vocoder-engine** comes with vocoder. Take it first; the table shows how it compares with the others.
- **whisper.cpp** and **faster-whisper** run larger models and use a graphics card. Take one of them if you have such a
  card or want better words.
- **Wyoming** is the protocol of Home Assistant. Take it if that machine already has such a server.

` + "`make sweep-whisper`" + ` writes this page. It runs the servers below on one computer, with two threads each and without a graphics card. All have
OpenAI's Whisper base, multilingual, 72,593,920 parameters. The speakers are people: telephone prompts in five languages
(Debian's packages asterisk-core-sounds-*-wav), and sentences of a novel and playing cards in English (pocketsphinx-testdata).

## Which server

`

// The explanations of the tables.
const (
	byLanguage = `Words that are wrong, missing or too many. The language is named. The clips have known texts:

- **sentences**: a sentence of a telephone system; in English also five sentences of LibriVox, five playing cards and a command.
- **lists**: the days, the months, the numbers 0 to 10, 11 to 20 and 30 to 90, read one after the other with 0.3 s between them.
- **words**: each day and each month alone, which is hard: half a second of speech has no context. vocoder-engine and
  whisper.cpp, which are compared, hear them.

Case and punctuation do not count. A number may stand in digits: "20" is "veinte". That holds for 0 to 20 and for 30, 40 to 90. A word
that is written in two ("Jean-vier") counts as two errors. The Russian letter ё counts as е.

`
	theLanguage = `Which languages came out as they were spoken, of en, es, fr, it and ru. ` + "`vocoder transcribe`" + ` heard one clip of each: in the locale of
the speaker with nothing else set, with the language named, and with a list of that language and English (English and Spanish for en).

`
	thePrompts = `The first 500 prompts of each language, by the names of their files, through two vocoder-engines of one thread each. Each has 200 ms of a quiet room before
it and 350 ms after it, as a key that is pressed and released gives. A prompt that vocoder
refuses to type as not speech makes the sweep fail.

`
	thePauses = `You need not pause for vocoder. While you hold the key, what you said until a short gap between two words is transcribed already; when you let go, only
the rest is left. ` + "`make sweep-cuts`" + ` measures what that gains and costs: people who read without pauses are heard as fast as they spoke, by the code of the daemon, and once more
sent at once after the end, as with ` + "`background: false`" + `.

- **Pieces** are the parts that were sent, in seconds. The last is what was left, perhaps with the one before.
- **In pieces**, **at once** and **8 s** are how long after the end the text was there: of the pieces, of the whole, and of the clip's first eight seconds sent at once (at once and 8 s: the middle one
  of three).
- **Wrong** are words that are wrong, missing or too many, where the words are known; **differ** those in which the pieces differ from the whole.
- **False ends** are full stops, question and exclamation marks between two pieces where neither the whole nor the written text ends a sentence; **missing ends** are not there and should be.

The clips: the prompt demo-congrats in five languages; five sentences of LibriVox, in their order and backwards; and the days, months and numbers to ten of each language. What was recorded in pieces is joined with gaps of
0.2 s, which is as long as fluent speakers stop between words.

`
	theNoise = `Sounds without speech: silence, hum, white and pink noise, clicks, typing, breath, music and more. vocoder-engine hears all
of them, and detects the language. vocoder does not send them: its gate listens first for a voice. Hygiene then refuses texts that
cannot have been said.

`
	theMachine = `The whole daemon, with vocoder-engine and faster-whisper: a key is held, a person speaks into the microphone, the server on the host transcribes, and the words are typed
on the keyboard layout of the language. The terminal has to have, byte for byte, what the server said. A server is stopped in the midst of a dictation and started again, and what was said is typed. A server that takes too long (busy)
and one that is not there (broken) have other words in the status.

`
)

// setup returns the section about setting up each server, with the commands of the sweep.
// Its folder is ~/whisper, and its port 8771.
func setup() string {
	var b strings.Builder
	b.WriteString("\n## Set one up\n\nvocoder finds out by itself which of these a server is. After each, check it with a recording:\n\n" +
		"```sh\nvocoder transcribe recording.wav\n```\n")
	for _, s := range []struct {
		kind           servers.Kind
		before, config string
	}{
		{servers.Engine, "`make model` makes its Whisper, once, or `vocoder-engine models pull whisper-base --from FOLDER` takes it from a folder.\n\n", ""},
		{servers.WhisperCPP, "Build it, and have a model in ggml's format, here `~/whisper/ggml-base.bin`. Its usual path, `/inference`, is found, as is any that\n" +
			"`--inference-path` names.\n\n", ""},
		{servers.FasterWhisper, "A server with OpenAI's API. Its model is a folder in CTranslate2's format, here `~/whisper/base`.\n\n" +
			"```sh\npython3 -m venv ~/whisper/venv\n~/whisper/venv/bin/pip install faster-whisper-server==0.0.3 faster-whisper==1.2.1\n```\n\n", ""},
		{servers.Wyoming, "```sh\npython3 -m venv ~/whisper/venv\n~/whisper/venv/bin/pip install wyoming-faster-whisper==3.8.1\n```\n\n",
			"whisper_url: tcp://127.0.0.1:8771\n"},
	} {
		config := s.config
		if config == "" {
			config = "whisper_url: http://127.0.0.1:8771\n"
		}
		b.WriteString("\n### " + string(s.kind) + "\n\n" + s.before + "```sh\n" + shown(s.kind) + "\n```\n\n```yaml\n" + config + "```\n")
	}
	b.WriteString(languageSettings)
	return b.String()
}

// shown returns the command that starts a server, as a user types it.
func shown(kind servers.Kind) string {
	line := strings.Join(servers.Command(kind, "~/whisper", "TOP", "8771", servers.Threads), " ")
	return strings.ReplaceAll(line, "TOP/bin/", "")
}

const languageSettings = `
### Your language

Without a setting vocoder asks for the language of your locale. To name it, or the two or three that you speak:

` + "```yaml\nwhisper:\n  language: [es, en]\n```\n"
