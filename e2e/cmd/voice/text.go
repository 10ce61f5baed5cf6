package main

const head = `# Voice

vocoder sends a recording to the recognizer only if it holds a voice, and ends a recording when the voice ends. This page says
how well it does both, and what to do if it refuses your voice.

## Your voice is refused

` + "`vocoderctl status`" + ` then says ` + "`refused (silence)`" + `, and nothing is typed.

1. Type it all the same: ` + "`vocoderctl retry`" + `. This works for ten minutes.
2. Check the microphone: ` + "`vocoder record --check`" + ` says whether it hears a voice, and how loud it is. A voice that is as quiet as
   the room is not found. Take another microphone with ` + "`vocoder setup`" + `, or go nearer to it.
3. If it happens again, send everything. In ` + "`~/.config/vocoder/vocoder.yaml`" + `:

   ` + "```yaml\n   audio:\n     gate: false\n   ```" + `

   The price: recognizers invent words for a recording without a voice. vocoder still drops the texts that are known to be
   invented ([whisper.md](whisper.md), Noise).

If the last word is cut, hold the key until you have said it, or set a longer ` + "`audio.tail`" + `.

## What decides

Silero VAD, a small neural network, reads 32 ms of sound at a time and returns how likely they hold a voice, from 0 to 1. It is trained on voices in
6,000 languages. It is part of vocoder and needs no network connection.

- **The gate** sends a recording if there is a second in it whose probabilities add up to 3.5: so 112 ms of voice are to be expected in it. A
  short word has that; a click or a key has not.
- **The tail** of a recording ends after three probabilities below 0.2.

`

const theGate = "`make sweep-voice`" + ` writes this page. It takes people and music from Debian's packages, makes whispers and noises, and gives them to the gate, and to the
recorder on a simulated sound server.

## Voices

All telephone prompts that hold words, of eight voices in five languages. Each has 200 ms of the room before it and 350 ms after it, as a key that is
pressed and released gives. The noise of the room is white.

`

const otherSounds = `### Whispers, noises and music

A synthesizer (espeak-ng) whispers in English, German and French, with two voices. The tests of capture/vad make the noises, 40 of each of 48 kinds: silence, hum, white and
pink noise, clicks, typing, breath, coughs, notes and more. The music is what telephone exchanges play to
callers who wait (asterisk-moh-opsound-wav), in pieces of 10 s.

`

const theTail = `
## The end of a recording

People release the key while they say the last word. So a recording goes on after the release, until the voice has been gone for 96 ms: at least 80 ms,
at most ` + "`audio.tail`" + `, which is 400 ms by default. The sound after the release is the tail.

200 clips of six voices, released before the end of their voice. The end is the last moment at which the clip is less than 25 dB
below its speech. (The other two, July and Armelle, have noise so loud that their level does not say where the voice ends.) Packets of 20 ms
arrive 20 ms after they were spoken. A clip is cut if 30 ms or more of its voice are missing. Before the tail ended with the voice, it was
200 ms long.

`

const theSilence = `### Released in silence

The same clips, released 500 ms after the end of their voice: how long after the release the recording is there and goes to the recognizer.

`

const theSweep = `
## How long the sweep takes

`
