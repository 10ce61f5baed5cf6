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
	byLanguage = `How many words are wrong, missing or additional, with the language set. The clips have known texts:

- **sentences**: a sentence of a telephone system; in English also five sentences of LibriVox, five playing cards and a command.
- **lists**: the days, the months, the numbers 0 to 10, 11 to 20 and 30 to 90, one after the other with 0.3 s between them.
- **words**: each day and each month alone. That is hard, because half a second of speech has no context. Only vocoder-engine and
  whisper.cpp get these clips.

Case and punctuation do not count. The numbers 0 to 20 and 30, 40 to 90 may be digits: "20" is "veinte". A word in two parts
("Jean-vier") counts as two errors. The Russian letter ё counts as е.

`
	theLanguage = `Which of the languages en, es, fr, it and ru the text has, if you speak them. ` + "`vocoder transcribe`" + ` got one clip of each, in three ways: in the
speaker's locale without a setting, with the language set, and with a list of that language and English (English and Spanish for en).

`
	thePrompts = `Whether vocoder wrongly refuses speech. Two vocoder-engines with one thread each get the first 500 prompts of each language, by file name. Each prompt has
200 ms of a quiet room before it and 350 ms after it, like a recording between a press and a release. If vocoder refuses a prompt as not speech, the
sweep fails.

`
	thePauses = `You need not pause for vocoder. While you hold the key, it already transcribes what you said until a short gap between two words. When you release the
key, only the rest is left. ` + "`make sweep-cuts`" + ` measures what that gains and costs. The daemon's code gets recordings of people who read without pauses, in
real time. It then sends each recording as a whole, as with ` + "`background: false`" + `.

- **Pieces** are the lengths of the parts in seconds. The last one is the rest, sometimes together with the part before.
- **In pieces**, **at once** and **8 s** say how long after the end of the speech the text was ready: sent in pieces, sent as a whole, and for the first
  eight seconds of the clip sent as a whole. The last two are medians of three.
- **Wrong** are words that are wrong, missing or additional, if the words of the clip are known. **Differ** are words that differ between the pieces and the whole.
- **False ends** are full stops, question marks and exclamation marks between two pieces inside a sentence. **Missing ends** are sentences that end between two
  pieces without such a mark.

The clips are the prompt demo-congrats in five languages; five sentences of LibriVox, in order and in reverse order; and the days, months and numbers to ten
in each language. Separate recordings are joined with gaps of 0.2 s, as long as those of fluent speakers.

`
	theNoise = `What happens to sounds without speech: silence, hum, white and pink noise, clicks, typing, breath, music and more. vocoder does not send them, because
its gate finds no voice in them. If a server gets such a sound, hygiene refuses a text that cannot have been said. For this test vocoder-engine gets all of them, and
detects the language.

`
	theMachine = `Whether a whole dictation works in each language, with vocoder-engine and faster-whisper. The test holds a key and plays human speech into the microphone. The server on the host transcribes it, and
the daemon types the words on the keyboard layout of the language. The terminal must have the server's text byte for byte.

- **stopped and started**: the server is stopped during a dictation and started again. The words must be typed.
- **noise**: the daemon must type nothing for sound without speech.
- **busy and broken**: the status must distinguish a server that is slow from one that is not there.

`
)

// setup returns the section about setting up each server, with the commands of the sweep.
// Its folder is ~/whisper, and its port 8771.
func setup() string {
	var b strings.Builder
	b.WriteString("\n## Set one up\n\nvocoder detects which of these a server is. After each setup, check it with a recording:\n\n" +
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
