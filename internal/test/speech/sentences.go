package speech

import (
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Sentence is a clip of a person who speaks a known language.
type Sentence struct {
	Clip
	Language string // ISO 639-1
	Layout   string // keyboard layout that has its letters, as xkeyboard-config names it
}

// A sentence has the source of a Sentence.
type sentence struct {
	debian   string // package
	file     string // below /usr/share
	words    string // as Clip.Words
	language string
	layout   string
}

// Whisper base recognizes every word of both, at any level, with any pause before and
// after them, and through the machine's sound card on a busy host. In longer sentences it
// sometimes gets a word wrong. The list of texts in asterisk-core-sounds-es has the
// Spanish sentence without its accents.
var sentences = []sentence{
	{
		"pocketsphinx-testdata", "pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0930.wav",
		"he might even have been made amiable himself",
		"en", "us",
	},
	{
		"asterisk-core-sounds-es-wav", "asterisk/sounds/es_MX_f_Allison/vm-nonumber.wav",
		"lo siento pero no sé quién ha enviado este mensaje",
		"es", "es",
	},
}

// Sentences returns sentences in several languages, by different people, English first.
// They are three to five seconds long.
func Sentences() ([]Sentence, error) { return readSentences(os.DirFS("/usr/share")) }

func readSentences(share fs.FS) (all []Sentence, err error) {
	for _, s := range sentences {
		c, err := s.read(share)
		if err != nil {
			return nil, fmt.Errorf("read sentence (Debian package %s): %w", s.debian, err)
		}
		all = append(all, Sentence{c, s.language, s.layout})
	}
	return all, nil
}

func (s sentence) read(share fs.FS) (c Clip, err error) {
	f, err := share.Open(s.file)
	if err != nil {
		return c, err
	}
	defer func() { _ = f.Close() }() // it was only read
	name := path.Base(s.file)
	c = Clip{Name: name[:len(name)-len(path.Ext(name))], Words: s.words}
	c.Clip, err = pcm.ReadWAV(f)
	return c, err
}
