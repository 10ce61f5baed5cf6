package session

import (
	"sync"

	"github.com/godbus/dbus/v5"
)

const nameOwnerChanged = "NameOwnerChanged"

// signals remembers what has to be done about logind's signals: one question, however
// many they are. It implements dbus.SignalHandler. The library's own handlers keep
// each signal until it is read, in memory without a limit.
type signals struct {
	changed chan struct{} // has room for one
	closed  chan struct{} // when the connection is

	mu    sync.Mutex
	owner string // logind's unique name, or ""
	slept bool   // a sleep began since the last takeSlept
}

func newSignals() *signals {
	return &signals{changed: make(chan struct{}, 1), closed: make(chan struct{})}
}

// setOwner sets logind's unique name, unless a later one is known.
func (s *signals) setOwner(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owner == "" {
		s.owner = name
	}
}

// takeSlept reports whether a sleep began since the last call.
func (s *signals) takeSlept() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	slept := s.slept
	s.slept = false
	return slept
}

// DeliverSignal implements dbus.SignalHandler. A match does not prevent another user
// from sending a signal to this connection, so DeliverSignal checks the sender, which
// the bus fills in.
func (s *signals) DeliverSignal(_, member string, signal *dbus.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case signal.Sender == busDriver && member == nameOwnerChanged && len(signal.Body) == 3 && signal.Body[0] == destination:
		s.owner, _ = signal.Body[2].(string)
	case s.owner == "" || signal.Sender != s.owner:
		return
	case signal.Name == manager+".PrepareForSleep" && len(signal.Body) == 1 && signal.Body[0] == true:
		s.slept = true
	}
	select {
	case s.changed <- struct{}{}:
	default: // the next question answers this signal, too
	}
}

// Terminate implements dbus.Terminator. The library calls it once.
func (s *signals) Terminate() { close(s.closed) }
