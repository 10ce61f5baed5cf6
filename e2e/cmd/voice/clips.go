package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// A speaker is the voice of the telephone prompts in a Debian package.
type speaker struct {
	name   string // in tables: language and voice
	code   string // of the language, ISO 639-1
	folder string // in speech.PromptFolder
	format string // of the files: wav or gsm
	debian string // package
	voice  string // woman or man
}

var speakers = []speaker{
	{"en Allison", "en", "en_US_f_Allison", "wav", "asterisk-core-sounds-en-wav", "woman"},
	{"es Allison", "es", "es_MX_f_Allison", "wav", "asterisk-core-sounds-es-wav", "woman"},
	{"es July", "es", "es", "gsm", "asterisk-prompt-es-co", "woman"},
	{"fr June", "fr", "fr_CA_f_June", "wav", "asterisk-core-sounds-fr-wav", "woman"},
	{"fr Armelle", "fr", "fr", "gsm", "asterisk-prompt-fr-armelle", "woman"},
	{"it Carlo", "it", "it_IT_m_Carlo", "wav", "asterisk-core-sounds-it-wav", "man"},
	{"it Menardi", "it", "it_IT_f_Menardi", "wav", "asterisk-prompt-it-menardi-wav", "woman"},
	{"ru IvrvoiceRU", "ru", "ru_RU_f_IvrvoiceRU", "wav", "asterisk-core-sounds-ru-wav", "woman"},
}

// noisy reports whether the speaker's clips are too noisy to find the end of the voice by
// its level. The noise is 28 dB below the speech, and most clips end with a click.
func (s speaker) noisy() bool { return s.format == "gsm" }

// A sound is a clip with a name, at pcm.Rate.
type sound struct {
	name string
	pcm.Clip
}

// shortest is the minimum length of a clip of speech.
const shortest = 250 * time.Millisecond

// clips returns all prompts of the speaker with words, sorted by name.
func (s speaker) clips(ctx context.Context) (all []sound, err error) {
	folder := filepath.Join(speech.PromptFolder, s.folder)
	var files []string
	err = filepath.WalkDir(folder, func(file string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(file, "."+s.format) {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find prompts (Debian package %s): %w", s.debian, err)
	}
	slices.Sort(files)
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, folder+"/"), "."+s.format)
		if wordless(name) {
			continue
		}
		read := readWAV
		if s.format == "gsm" {
			read = func(file string) (pcm.Clip, error) { return readGSM(ctx, file) }
		}
		c, err := read(file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if c.Duration() >= shortest {
			all = append(all, sound{name, c})
		}
	}
	return all, nil
}

// wordless reports whether the prompt with the name has no words.
func wordless(name string) bool {
	return speech.Wordless(name)
}

// readWAV reads a clip and converts it to pcm.Rate.
func readWAV(file string) (pcm.Clip, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return pcm.Clip{}, err
	}
	return atRate(pcm.ReadWAV(bytes.NewReader(b)))
}

func atRate(c pcm.Clip, err error) (pcm.Clip, error) {
	return pcm.Clip{Rate: pcm.Rate, Samples: c.At(pcm.Rate)}, err
}

// readGSM decodes a file of GSM 06.10 with sox. It has 8,000 samples a second.
func readGSM(ctx context.Context, file string) (pcm.Clip, error) {
	out, err := exec.CommandContext(ctx, "sox", file, "-t", "raw", "-e", "signed-integer", "-b", "16", "-L", "-c", "1", "-").Output()
	if err != nil {
		return pcm.Clip{}, fmt.Errorf("sox: %w", err)
	}
	c := pcm.Clip{Rate: 8000, Samples: make([]int16, len(out)/2)}
	for i := range c.Samples {
		c.Samples[i] = int16(binary.LittleEndian.Uint16(out[2*i:]))
	}
	return atRate(c, nil)
}

// A level is the loudness of a speaker and of the noise.
type level struct {
	name  string  // in tables
	gain  float64 // dB
	noise float64 // of the room: dB relative to full scale
	most  float64 // the largest share that may be refused
}

var levels = []level{
	{"as recorded, room -60 dB", 0, -60, 0.001},
	{"24 dB quieter, room -50 dB", -24, -50, 0.005},
}

// in returns the clip at the level, with the noise of the room.
func (l level) in(c pcm.Clip, before, after time.Duration, seed uint64) pcm.Clip {
	return speech.InRoom(c, l.gain, l.noise, before, after, seed)
}

// count returns the number of samples in a duration.
func count(d time.Duration) int { return int(d * pcm.Rate / time.Second) }

// whispered are the texts that a synthesizer whispers.
var whispered = []struct {
	voice     string // of espeak-ng
	sentences []string
	words     []string
}{
	{
		"en", []string{"thank you very much", "please call me back tomorrow", "the meeting begins at three in the afternoon", "open the second window on the left", "it is late"},
		[]string{"yes", "hello"},
	},
	{
		"de", []string{"vielen Dank", "bitte ruf mich morgen zurück", "die Sitzung beginnt um drei Uhr nachmittags", "öffne das zweite Fenster von links", "es ist spät"},
		[]string{"ja", "hallo"},
	},
	{
		"fr", []string{"merci beaucoup", "rappelez-moi demain s'il vous plaît", "la réunion commence à trois heures de l'après-midi", "ouvrez la deuxième fenêtre à gauche", "il est tard"},
		[]string{"oui", "bonjour"},
	},
}

// whispers returns sentences and words in the two whispering voices of espeak-ng.
func whispers(ctx context.Context) (sentences, words []sound, err error) {
	dir, err := os.MkdirTemp("", "voice-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	whisper := func(voice string, texts []string) (all []sound, err error) {
		file := filepath.Join(dir, "whisper.wav")
		for _, text := range texts {
			if out, err := exec.CommandContext(ctx, "espeak-ng", "-v", voice, "-w", file, text).CombinedOutput(); err != nil {
				return nil, fmt.Errorf("espeak-ng: %w\n%s", err, out)
			}
			c, err := readWAV(file)
			if err != nil {
				return nil, err
			}
			all = append(all, sound{voice + ": " + text, c})
		}
		return all, nil
	}
	for _, w := range whispered {
		for _, variant := range []string{"whisper", "whisperf"} {
			some, err := whisper(w.voice+"+"+variant, w.sentences)
			if err != nil {
				return nil, nil, err
			}
			sentences = append(sentences, some...)
			if some, err = whisper(w.voice+"+"+variant, w.words); err != nil {
				return nil, nil, err
			}
			words = append(words, some...)
		}
	}
	return sentences, words, nil
}

// The music that telephone exchanges play to waiting callers, from the Debian package
// asterisk-moh-opsound-wav, and the length of its pieces.
const (
	musicFiles = "/usr/share/asterisk/moh/*.wav"
	musicPiece = 10 * time.Second
)

// music returns the music in pieces.
func music() (all []sound, err error) {
	files, err := filepath.Glob(musicFiles)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no music in %s (Debian package asterisk-moh-opsound-wav)", musicFiles)
	}
	for _, file := range files {
		c, err := readWAV(file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".wav")
		i := 0
		for samples := range slices.Chunk(c.Samples, count(musicPiece)) {
			all = append(all, sound{fmt.Sprintf("%s at %v", name, time.Duration(i)*musicPiece), pcm.Clip{Rate: pcm.Rate, Samples: samples}})
			i++
		}
	}
	return all, nil
}

// noises runs the tests of capture/vad to make their noises, 40 of each kind.
func noises(ctx context.Context, top string) (all []sound, err error) {
	dir, err := os.MkdirTemp("", "voice-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := sweep.GoTest(ctx, top, "./capture/vad", "TestNoiseFiles", "VOCODER_NOISES="+dir, "VOCODER_SWEEP=1"); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.wav"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		c, err := readWAV(file)
		if err != nil {
			return nil, err
		}
		all = append(all, sound{strings.TrimSuffix(filepath.Base(file), ".wav"), c})
	}
	return all, nil
}
