// Package speech provides the human speech that the tests play, with its words, and
// measures how well a recognizer understood them. The speech is that of Debian's
// packages pocketsphinx-testdata and asterisk-core-sounds-es-wav.
package speech

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// Folder is where pocketsphinx-testdata puts its clips.
const Folder = "/usr/share/pocketsphinx/test/data"

// A Clip is a person speaking.
type Clip struct {
	Name  string // of its file, without folder and ending
	Words string // spoken, in lower case, without punctuation
	pcm.Clip
}

// Clips returns the clips in Folder for which the package has a transcript: playing cards
// read aloud, and sentences of a novel. They are one to seven seconds long, by two
// speakers.
func Clips() ([]Clip, error) { return read(os.DirFS(Folder)) }

func read(data fs.FS) ([]Clip, error) {
	var clips []Clip
	for _, name := range []string{"cards/cards.transcription", "librivox/transcription"} {
		b, err := fs.ReadFile(data, name)
		if err != nil {
			return nil, fmt.Errorf("read transcripts (Debian package pocketsphinx-testdata): %w", err)
		}
		for _, c := range transcripts(b) {
			f, err := data.Open(path.Join(path.Dir(name), c.Name+".wav"))
			if err != nil {
				return nil, err
			}
			c.Clip, err = pcm.ReadWAV(f)
			if err := f.Close(); err != nil {
				return nil, err
			}
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", c.Name, err)
			}
			clips = append(clips, c)
		}
	}
	c, err := goForward(data)
	return append(clips, c), err
}

// goForward returns the clip without a header. Its words are in the grammar file of the
// same folder.
func goForward(data fs.FS) (Clip, error) {
	b, err := fs.ReadFile(data, "goforward.raw")
	c := Clip{"goforward", "go forward ten meters", pcm.Clip{Rate: 16000, Samples: make([]int16, len(b)/2)}}
	if err == nil {
		_, err = binary.Decode(b, binary.LittleEndian, c.Samples)
	}
	return c, err
}

// A line of a transcript, as CMU Sphinx writes it: <s> words </s> (name).
var line = regexp.MustCompile(`^<s>\s*(.*?)\s*</s>\s*\((.+)\)$`)

func transcripts(b []byte) (clips []Clip) {
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		if m := line.FindStringSubmatch(strings.TrimSpace(s.Text())); m != nil {
			clips = append(clips, Clip{Name: m[2], Words: m[1]})
		}
	}
	return clips
}
