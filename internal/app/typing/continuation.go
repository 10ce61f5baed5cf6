package typing

import (
	"sync"
	"time"

	"github.com/arealicehole/vocoder/text"
)

// continuationLimit is how long the last text says something about what is before the
// cursor.
const continuationLimit = time.Minute

// A Continuation fits each text to the one that was typed before it, if the settings
// want that. It is safe for concurrent use, but for one text at a time.
type Continuation struct {
	mu    sync.Mutex
	rules text.Rules
	typed string // the end of what was typed last
	rest  string // of a text that was stopped: it continues there
	at    time.Time
}

// Configure sets the rules for the texts that follow.
func (c *Continuation) Configure(rules text.Rules) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rules = rules
}

// Join returns a text as it is to be typed now.
func (c *Continuation) Join(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case text == c.rest:
		return text
	case time.Since(c.at) > continuationLimit:
		c.typed = ""
	}
	return c.rules.Continue(text, c.typed)
}

// Typed records that all of a text but the rest was typed.
func (c *Continuation) Typed(text, rest string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest, c.at = rest, time.Now()
	if n := len(text) - len(rest); n > 0 {
		c.typed = text[:n]
	}
}
