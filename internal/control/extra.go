package control

import (
	"encoding/json"
	"math"
	"time"
)

// An extra is an event of watch that only those readers get that ask for it. There are
// extras only while the daemon records.
type extra uint8

const (
	levelExtra extra = iota
	wordsExtra
	extraCount
)

// An extraKind has what a reader asks for, as "NAME=1" in the query of watch, and the name
// of the event.
type extraKind struct{ query, event string }

var extraKinds = [extraCount]extraKind{
	levelExtra: {"levels", "level"},
	wordsExtra: {"partial", "words"},
}

// extras holds the latest of each extra. The mutex of its feed guards it.
type extras struct {
	kinds [extraCount]struct {
		readers int    // how many ask for it
		line    []byte // its JSON; nil if there is none now
		turn    uint64 // counts its changes
	}
	changed chan struct{} // closed when an extra changes
	meter   meter
}

// clear forgets the extras of a recording.
func (e *extras) clear() {
	for i := range e.kinds {
		clear(e.kinds[i].line)
		e.kinds[i].line = nil
	}
	e.meter = meter{}
}

// put stores the latest of an extra.
func (e *extras) put(kind extra, v any) {
	line, err := json.Marshal(v)
	if err != nil {
		panic("control: event is not JSON: " + err.Error())
	}
	k := &e.kinds[kind]
	clear(k.line)
	k.line = line
	k.turn++
	if e.changed != nil {
		close(e.changed)
		e.changed = nil
	}
}

// wanted reports whether the daemon records and a reader asks for an extra. The caller
// holds mu.
func (f *feed) wanted(kind extra) bool { return f.now.Recording && f.kinds[kind].readers > 0 }

// A reader is a client of watch. It has what it asks for and what it has seen.
type reader struct {
	asks   [extraCount]bool
	seen   [extraCount]uint64
	status <-chan struct{} // closed when the status has changed; nil before the first
}

// An event is a server-sent event.
type event struct {
	name string
	data []byte
}

// add counts the extras that a reader asks for, until it calls the result.
func (f *feed) add(r *reader) (leave func()) {
	change := func(by int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for kind, asks := range r.asks {
			if asks {
				f.kinds[kind].readers += by
			}
		}
	}
	change(1)
	return func() { change(-1) }
}

// news returns the events that a reader has not seen, the status first. Changed closes when
// there is an extra to see; it is nil for a reader that asks for none.
func (f *feed) news(r *reader) (events []event, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.line == nil {
		f.store(Status{})
	}
	if r.status != f.next {
		r.status = f.next
		events = append(events, event{"status", f.line})
	}
	for kind, asks := range r.asks {
		if !asks {
			continue
		}
		if f.changed == nil {
			f.changed = make(chan struct{})
		}
		changed = f.changed
		if k := f.kinds[kind]; r.seen[kind] != k.turn && k.line != nil {
			r.seen[kind] = k.turn
			events = append(events, event{extraKinds[kind].event, append([]byte(nil), k.line...)})
		}
	}
	return events, changed
}

// A Level is the data of the event level: how loud the microphone is, from 0 to 100. It is
// the highest peak since the last event, in dB: 0 at -60 dB relative to full scale and below,
// 100 at full scale, and in between 100·(dB+60)/60, rounded.
type Level struct {
	Level int `json:"level"`
}

const (
	// quietest is the level below which Level is 0, in dB.
	quietest = -60

	// levelPause is the least time between two levels.
	levelPause = time.Second / 15
)

// levelOf returns the Level of a peak in dB.
func levelOf(peak float64) Level {
	return Level{int(math.Round(100 * min(max(peak-quietest, 0), -quietest) / -quietest))}
}

// A meter makes levels of the peaks of a recording. The zero meter is that of a new one.
type meter struct {
	highest float64 // since the last level; 0 if there was none
	any     bool
	sent    time.Time
}

// add adds a peak. It returns a level if it is time for one.
func (m *meter) add(peak float64, now time.Time) (l Level, due bool) {
	if !m.any || peak > m.highest {
		m.highest, m.any = peak, true
	}
	if !m.sent.IsZero() && now.Sub(m.sent) < levelPause {
		return Level{}, false
	}
	l = levelOf(m.highest)
	*m = meter{sent: now}
	return l, true
}

// Peak shows a peak of the microphone, in dB relative to full scale, to the clients that
// ask for levels. It does not wait for them. It is safe for concurrent use.
func (s *Server) Peak(db float64) {
	f := &s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.wanted(levelExtra) {
		return
	}
	if l, due := f.meter.add(db, time.Now()); due {
		f.extras.put(levelExtra, l)
	}
}

// Partial is the data of the event words: what the user has said so far in this recording. All
// words are Stable followed by Provisional, without a space between the two.
type Partial struct {
	Stable      string `json:"stable"`
	Provisional string `json:"provisional"` // the last words, which may change
}

// ShowWords shows words to the clients that ask for them, while the daemon records. It does not
// wait for them. It is safe for concurrent use.
func (s *Server) ShowWords(w Partial) {
	f := &s.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wanted(wordsExtra) {
		f.extras.put(wordsExtra, w)
	}
}

// WordsWanted reports whether the daemon records and a client asks for words.
func (s *Server) WordsWanted() bool {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.feed.wanted(wordsExtra)
}
