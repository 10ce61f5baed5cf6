package main

import (
	"maps"
	"slices"
	"sync"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// presence knows which users are at the machine, and the client of each. It is
// safe for concurrent use.
type presence struct {
	mu      sync.Mutex
	state   func(uid int) session.State // nil while it is not known
	clients map[int]*client             // by uid
}

// update sets the state of all users, or nil if it is not known.
func (p *presence) update(state func(uid int) session.State) {
	p.mu.Lock()
	p.state = state
	for _, c := range p.clients {
		if why := p.reason(c.uid); why != helperproto.None {
			c.missed = why
		}
	}
	p.mu.Unlock()
	p.wakeClients()
}

// wakeClients has each client check its session and the keyboard.
func (p *presence) wakeClients() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.clients {
		select {
		case c.wake <- struct{}{}:
		default: // it has not checked since the last time
		}
	}
}

// all returns the clients.
func (p *presence) all() []*client {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Values(p.clients))
}

// absence returns why a user is not at the machine, or None.
func (p *presence) absence(uid int) helperproto.Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason(uid)
}

// absenceOf returns why the user of c is not at the machine, or was not at any time
// since the last call, or None.
func (p *presence) absenceOf(c *client) helperproto.Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	missed := c.missed
	c.missed = helperproto.None
	if why := p.reason(c.uid); why != helperproto.None {
		return why
	}
	return missed
}

// reason is absence for callers that hold mu.
func (p *presence) reason(uid int) helperproto.Reason {
	if p.state == nil {
		return helperproto.NoSession
	}
	s := p.state(uid)
	switch {
	case s.InUse:
		return helperproto.None
	case s.Why == session.Locked:
		return helperproto.Locked
	case s.Why == session.Asleep:
		return helperproto.Asleep
	case s.Why == session.Inactive:
		return helperproto.Inactive
	}
	return helperproto.NoSession
}

// maxClients limits how many users are served at a time. Most machines have less: the
// daemons of users who are not at the machine, and those of a user's own name space.
const maxClients = 16

// add adds a client. It reports whether the client is the first of its user, and
// there is room for it. A user at the machine gets the place of one who is not.
func (p *presence) add(c *client) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients[c.uid] != nil {
		return false
	}
	if len(p.clients) >= maxClients {
		out := p.absentClient()
		if out == nil || p.reason(c.uid) != helperproto.None {
			return false
		}
		delete(p.clients, out.uid)
		close(out.evicted)
	}
	if p.clients == nil {
		p.clients = map[int]*client{}
	}
	p.clients[c.uid] = c
	return true
}

// absentClient returns a client whose user is not at the machine, or nil.
func (p *presence) absentClient() *client {
	for uid, c := range p.clients {
		if p.reason(uid) != helperproto.None {
			return c
		}
	}
	return nil
}

func (p *presence) remove(c *client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients[c.uid] == c {
		delete(p.clients, c.uid)
	}
}
