package main

import "time"

// What a hold permits. Speech has some 15 characters a second.
const (
	perSecond = 40
	perHold   = 200
	mostKeys  = 8000
	lifetime  = 120 * time.Second // after the release

	tap     = time.Second     // a shorter hold may be the end of what the one before began,
	mostTap = 5 * time.Minute // if that was not longer ago
)

// A purse is how many keys may still be pressed for the holds there were. The
// zero value is empty.
type purse struct {
	tokens []token // in order of their end

	began, ended time.Time // of the last hold
}

// A token is one hold's.
type token struct {
	keys  int
	until time.Time
}

// held adds what a hold permits. Of two taps, the second permits what was said
// between them.
//
//	hold  ──┐ speech ┌──      toggle ─┐┌─ speech ─┐┌─
//	        └────────┘                └┘          └┘
func (p *purse) held(began, ended time.Time) {
	length := ended.Sub(began)
	if !p.began.IsZero() && length < tap && p.ended.Sub(p.began) < tap && began.Sub(p.began) < mostTap {
		length = ended.Sub(p.began)
	}
	p.began, p.ended = began, ended
	keys := min(perHold+int(length.Seconds()*perSecond), mostKeys)
	p.tokens = append(p.tokens, token{max(keys, 0), ended.Add(lifetime)})
}

// empty reports whether no key may be pressed.
func (p *purse) empty(now time.Time) bool {
	for len(p.tokens) > 0 && (p.tokens[0].keys == 0 || !now.Before(p.tokens[0].until)) {
		p.tokens = p.tokens[1:]
	}
	return len(p.tokens) == 0
}

// take pays for one key.
func (p *purse) take(now time.Time) bool {
	if p.empty(now) {
		return false
	}
	p.tokens[0].keys--
	return true
}
