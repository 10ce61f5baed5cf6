package control

import (
	"bytes"
	"encoding/json"
	"maps"
	"sync"
	"time"
)

// A feed holds the latest Status and wakes those that wait for the next. The zero feed is
// ready to use.
type feed struct {
	mu   sync.Mutex
	now  Status
	line []byte        // now, as JSON
	next chan struct{} // closed when now changes
	extras
}

func (f *feed) show(now Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.store(now)
}

// latest returns the status, its JSON, and a channel that closes when it changes. The caller
// must change none of them.
func (f *feed) latest() (Status, []byte, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.line == nil {
		f.store(Status{})
	}
	return f.now, f.line, f.next
}

// store completes a status and stores it as the latest. The caller holds mu.
func (f *feed) store(now Status) {
	now = now.Complete()
	now.Lacks = maps.Clone(now.Lacks)
	if now.Lacks == nil {
		now.Lacks = map[Part]string{} // JSON: {}, not null
	}
	now.Since = f.now.Since
	other := now.Utterance != f.now.Utterance // also if one recording follows another at once
	if now.State != f.now.State || other && now.Recording {
		now.Since = time.Now().Truncate(time.Millisecond)
	}
	line, err := json.Marshal(now)
	if err != nil {
		panic("control: status is not JSON: " + err.Error())
	}
	if bytes.Equal(line, f.line) {
		return
	}
	f.now, f.line = now, line
	if f.next != nil {
		close(f.next)
	}
	f.next = make(chan struct{})
	if !now.Recording || other {
		f.clear()
	}
}
