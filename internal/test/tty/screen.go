package tty

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// A Screen has the lines of a terminal that a user sees. Only the last line changes. It knows the codes of console_codes(4) that vocoder uses, and no
// colors.
type Screen struct {
	t       *testing.T
	columns int
	lines   [][]rune
	at      int    // the cursor's column in the last line
	partial []byte // the beginning of a code or a character
}

// NewScreen returns an empty screen that is so many columns wide.
func NewScreen(t *testing.T, columns int) *Screen {
	return &Screen{t: t, columns: columns, lines: [][]rune{nil}}
}

// Lines returns the lines. Only the last one changes.
func (s *Screen) Lines() (lines []string) {
	for _, l := range s.lines {
		lines = append(lines, string(l))
	}
	return lines
}

// write shows the bytes that a program wrote to the terminal.
func (s *Screen) write(b []byte) {
	s.t.Helper()
	for b = append(s.partial, b...); len(b) > 0; {
		if bytes.HasPrefix(b, []byte("\x1b[K")) {
			s.lines[len(s.lines)-1] = s.lines[len(s.lines)-1][:s.at]
			b = b[3:]
			continue
		}
		if b[0] == 0x1b && len(b) < 3 || !utf8.FullRune(b) {
			break // the rest follows
		}
		r, n := utf8.DecodeRune(b)
		s.put(r)
		b = b[n:]
	}
	s.partial = bytes.Clone(b)
}

func (s *Screen) put(r rune) {
	line := &s.lines[len(s.lines)-1]
	switch {
	case r == '\r':
		s.at = 0
	case r == '\n':
		s.lines = append(s.lines, make([]rune, s.at))
	case r < ' ':
		s.t.Errorf("it writes %q after %q", r, string(*line))
	case s.at == s.columns:
		s.lines, s.at = append(s.lines, []rune{r}), 1 // it wraps
	case s.at < len(*line):
		(*line)[s.at] = r
		s.at++
	default:
		*line = append(*line, r)
		s.at++
	}
}

// String returns the lines, each with its end.
func (s *Screen) String() string {
	var b strings.Builder
	for _, l := range s.lines {
		b.WriteString(string(l) + "\n")
	}
	return b.String()
}

// Until reads from a terminal until the last line is as wanted.
func (s *Screen) Until(master *os.File, want *regexp.Regexp) {
	s.t.Helper()
	for b := make([]byte, 4096); !want.MatchString(string(s.lines[len(s.lines)-1])); {
		n, err := master.Read(b)
		if err != nil {
			s.t.Fatalf("no line is like %s: %s: %v", want, s, err)
		}
		s.write(b[:n])
	}
}
