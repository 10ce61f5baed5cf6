package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/arealicehole/vocoder/dictate"
)

// A board collects what each part of the daemon says of itself and makes one
// line of it. It is safe for concurrent use.
type board struct {
	show func(string) // is given the line at each change

	mu      sync.Mutex
	key     string // the bound keys, for people
	lacks   map[string]string
	away    string // why the session is not in use
	working dictate.Status
	last    string
}

// The parts that may lack something, in the order in which it is told.
var parts = []string{"key", "microphone", "recogniser", "keyboard"}

// lack notes what a part is waiting for; nothing if it is well.
func (b *board) lack(part, what string) {
	b.update(func() {
		if b.lacks == nil {
			b.lacks = map[string]string{}
		}
		b.lacks[part] = what
	})
}

// well reports whether no part lacks anything.
func (b *board) well(parts ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range parts {
		if b.lacks[p] != "" {
			return false
		}
	}
	return true
}

// known reports whether all of these parts have said how they are.
func (b *board) known(parts ...string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range parts {
		if _, ok := b.lacks[p]; !ok {
			return false
		}
	}
	return true
}

func (b *board) session(why string) { b.update(func() { b.away = why }) }

func (b *board) dictation(s dictate.Status) { b.update(func() { b.working = s }) }

func (b *board) update(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
	if line := b.line(); line != b.last && b.show != nil {
		b.last = line
		b.show(line)
	}
}

// line says what the daemon is doing or, if it is doing nothing, what it waits
// for.
func (b *board) line() string {
	var say []string
	switch {
	case b.working.Recording:
		say = append(say, "listening")
	case b.working.Waiting > 0:
		say = append(say, "working on what was said")
	}
	for _, p := range parts {
		if b.lacks[p] != "" {
			say = append(say, b.lacks[p])
		}
	}
	if b.away != "" {
		say = append(say, "paused: session "+b.away)
	}
	if len(say) == 0 {
		say = append(say, "ready: hold "+b.key+" and speak")
	}
	if n := b.working.Kept; n > 0 {
		say = append(say, fmt.Sprintf("%d kept to be retried", n))
	}
	return strings.Join(say, "; ")
}
