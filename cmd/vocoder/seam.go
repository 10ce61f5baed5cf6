package main

import (
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/whisper"
)

// forgotten is how long what was typed says something about what stands before
// the cursor.
const forgotten = time.Minute

// A seam fits each text to the one that was typed before it, where the settings
// want that. It is safe for concurrent use, but for one text at a time.
type seam struct {
	mu    sync.Mutex
	rules whisper.Rules // only those that depend on the text before
	typed string        // the end of what was typed last
	rest  string        // what of a text was not: it goes on where it stopped
	at    time.Time
}

// configure takes up settings.
func (s *seam) configure(cfg config.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = whisper.Rules{}
	if cfg.Typing.SmartSpace {
		s.rules.Spacing = whisper.Smart
	}
	if cfg.Text.Casing == "sentence" {
		s.rules.Casing = whisper.Sentence
	}
}

// fit returns a text as it is to be typed now.
func (s *seam) fit(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case text == s.rest:
		return text
	case time.Since(s.at) > forgotten:
		s.typed = ""
	}
	return s.rules.Apply(text, s.typed)
}

// wrote notes what became of a text: all but rest of it was typed.
func (s *seam) wrote(text, rest string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest, s.at = rest, time.Now()
	if n := len(text) - len(rest); n > 0 {
		s.typed = text[:n]
	}
}
