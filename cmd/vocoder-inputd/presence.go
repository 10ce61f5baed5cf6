package main

import (
	"maps"
	"slices"
	"sync"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/session"
)

// Users are what logind says of the users. It is safe for concurrent use.
type users struct {
	mu     sync.Mutex
	of     func(uid int) session.State // nil while nothing is known
	guests map[int]*guest              // by uid
}

// follow takes the state of all users, nil if it is not known.
func (u *users) follow(of func(uid int) session.State) {
	u.mu.Lock()
	u.of = of
	u.mu.Unlock()
	u.wake()
}

// wake has the guests look at what is another.
func (u *users) wake() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, g := range u.guests {
		select {
		case g.changed <- struct{}{}:
		default: // it has not looked since the last
		}
	}
}

// all returns the guests there are.
func (u *users) all() []*guest {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Collect(maps.Values(u.guests))
}

// away returns why a user is not at the machine, or None.
func (u *users) away(uid int) helperproto.Reason {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		return helperproto.NoSession
	}
	s := u.of(uid)
	switch {
	case s.InUse:
		return helperproto.None
	case s.Why == "locked":
		return helperproto.Locked
	case s.Why == "asleep":
		return helperproto.Asleep
	case s.Why == "inactive":
		return helperproto.Inactive
	}
	return helperproto.NoSession
}

// maxGuests is how many users are served at a time.
const maxGuests = 16

// enter lets a guest in, the first of its user.
func (u *users) enter(g *guest) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.guests[g.uid] != nil || len(u.guests) >= maxGuests {
		return false
	}
	if u.guests == nil {
		u.guests = map[int]*guest{}
	}
	u.guests[g.uid] = g
	return true
}

func (u *users) exit(g *guest) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.guests[g.uid] == g {
		delete(u.guests, g.uid)
	}
}
