package control

import (
	"bytes"
	"encoding/json"
	"maps"
	"sync"
	"time"
)

// A feed is the latest Status and whoever waits for the next. Its zero value
// is that of a daemon that has shown nothing yet.
type feed struct {
	mu   sync.Mutex
	now  Status
	line []byte        // now, as JSON
	next chan struct{} // closed when now is another
}

func (f *feed) show(now Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(now)
}

// latest returns the status, the same as JSON, and what is closed when it is
// another. The receiver changes none of them.
func (f *feed) latest() (Status, []byte, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.line == nil {
		f.put(Status{})
	}
	return f.now, f.line, f.next
}

// put completes a status and makes it the latest. The caller holds mu.
func (f *feed) put(now Status) {
	now = now.Complete()
	now.Lacks = maps.Clone(now.Lacks)
	if now.Lacks == nil {
		now.Lacks = map[Part]string{} // JSON: {}, not null
	}
	now.Since = f.now.Since
	if now.State != f.now.State {
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
}
