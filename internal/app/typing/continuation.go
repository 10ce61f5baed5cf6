package typing

import (
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/text"
)

// continuationLimit is how long the last text says something about what is before the
// cursor.
const continuationLimit = time.Minute

// A continuation makes each text continue the text that was typed before it, as the
// settings want it. It is safe for concurrent use, but for one text at a time.
type continuation struct {
	mu    sync.Mutex
	rules text.Rules
	last  string // the end of what was typed last
	rest  string // of a text that was stopped: it continues there
	at    time.Time

	asleep    time.Duration        // what sleep returned at that time
	sleepTime func() time.Duration // how long the machine was asleep since some moment; nil is clock.Asleep
}

// configure sets the rules for the texts that follow.
func (c *continuation) configure(rules text.Rules) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rules = rules
}

func (c *continuation) sleep() time.Duration {
	if c.sleepTime == nil {
		return clock.Asleep()
	}
	return c.sleepTime()
}

// join returns a text as it must be typed now.
func (c *continuation) join(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case text == c.rest:
		return text
	case time.Since(c.at) > continuationLimit, c.sleep()-c.asleep > continuationLimit:
		c.last = ""
	}
	return c.rules.Continue(text, c.last)
}

// typed records that all of a text but the rest was typed.
func (c *continuation) typed(text, rest string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest, c.at, c.asleep = rest, time.Now(), c.sleep()
	if n := len(text) - len(rest); n > 0 {
		c.last = text[:n]
	}
}
