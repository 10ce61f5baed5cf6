// Package session reports whether a user is at the machine: the user has an
// active, unlocked session at a seat, and the machine is awake. Source:
// org.freedesktop.login1(5).
package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A State says whether a user is at the machine. Only then may vocoder listen and
// type.
type State struct {
	InUse bool
	Why   Why // "" if InUse
}

// A Why is the reason why a session is not in use.
type Why string

// The reasons.
const (
	Locked    Why = "locked"
	Asleep    Why = "asleep"     // the machine is, or is about to be
	Inactive  Why = "inactive"   // another session is on the screen
	NoSession Why = "no session" // at this machine
)

// info is what logind has about one session.
type info struct {
	seat           string // empty for a session that is not at the machine
	remote         bool
	active, locked bool
}

// decide returns the state that follows from the sessions of the user. One locked
// session counts more than one in use at another seat: the virtual keyboard types
// at one of them only.
func decide(sessions []info, asleep bool) State {
	if asleep {
		return State{Why: Asleep}
	}
	now := State{Why: NoSession}
	for _, s := range sessions {
		switch {
		case s.seat == "" || s.remote:
		case s.active && s.locked:
			return State{Why: Locked}
		case s.active:
			now = State{InUse: true}
		case !now.InUse:
			now.Why = Inactive
		}
	}
	return now
}

const (
	destination = "org.freedesktop.login1"
	root        = "/org/freedesktop/login1"
	manager     = "org.freedesktop.login1.Manager"
	session     = "org.freedesktop.login1.Session"
	busDriver   = "org.freedesktop.DBus"
	properties  = "org.freedesktop.DBus.Properties"
)

const (
	// replyTimeout limits how long logind may take to answer, as that of
	// dbus_connection_send_with_reply(3) does.
	replyTimeout = 25 * time.Second

	// minInterval is the least time from one question to the next, however many
	// signals come: every user may cause them.
	minInterval = 20 * time.Millisecond
)

// Watch calls changed with the state of this process's user now, and with each
// later state, until ctx is done. It then returns nil. It returns an error if it
// cannot ask logind. Calls come one at a time.
func Watch(ctx context.Context, changed func(State)) error {
	var last State
	return WatchUsers(ctx, func(of func(uid int) State) {
		if now := of(os.Getuid()); now != last {
			last = now
			changed(now)
		}
	})
}

// WatchUsers is Watch for all users. It calls changed with a function that returns
// the state of any user. It may call it again although no state has changed.
func WatchUsers(ctx context.Context, changed func(of func(uid int) State)) error {
	signals := newSignals()
	conn, err := connect(ctx, signals)
	if err != nil {
		return fmt.Errorf("connect to the system bus: %w", err)
	}
	defer func() { _ = conn.Close() }() // all was received
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(destination), dbus.WithMatchInterface(manager)},
		{dbus.WithMatchSender(destination), dbus.WithMatchPathNamespace(root), dbus.WithMatchInterface(properties)},
		{dbus.WithMatchSender(busDriver), dbus.WithMatchInterface(busDriver), dbus.WithMatchMember(nameOwnerChanged), dbus.WithMatchArg(0, destination)},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return fmt.Errorf("watch logind: %w", err)
		}
	}
	var owner string
	if conn.BusObject().CallWithContext(ctx, busDriver+".GetNameOwner", 0, destination).Store(&owner) == nil {
		signals.setOwner(owner) // otherwise the bus starts logind for the first question
	}
	return follow(ctx, conn, signals, changed)
}

// follow asks logind for the state after each signal, and so need not trust the
// content of signals. Only a sleep may have ended before the answer.
func follow(ctx context.Context, conn *dbus.Conn, signals *signals, changed func(func(int) State)) error {
	for {
		began := time.Now()
		slept := signals.takeSlept()
		sessions, asleep, err := ask(ctx, conn)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if slept && !asleep {
			changed(func(int) State { return State{Why: Asleep} })
		}
		changed(func(uid int) State { return decide(sessions[uid], asleep) })
		select {
		case <-ctx.Done():
			return nil
		case <-signals.closed:
			return errors.New("watch logind: the system bus closed the connection")
		case <-signals.changed:
		}
		if clock.Sleep(ctx, minInterval-time.Since(began)) != nil {
			return nil
		}
	}
}

// ask returns the sessions of each user that are at a seat, and whether the
// machine is about to sleep.
func ask(ctx context.Context, conn *dbus.Conn) (of map[int][]info, asleep bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, replyTimeout)
	defer cancel()
	var all []struct {
		ID   string
		UID  uint32
		Name string
		Seat string
		Path dbus.ObjectPath
	}
	if err := conn.Object(destination, root).CallWithContext(ctx, manager+".ListSessions", 0).Store(&all); err != nil {
		return nil, false, fmt.Errorf("list the sessions: %w", err)
	}
	if err := conn.Object(destination, root).CallWithContext(ctx, properties+".Get", 0, manager, "PreparingForSleep").Store(&asleep); err != nil {
		return nil, false, fmt.Errorf("ask whether the machine is about to sleep: %w", err)
	}
	of = map[int][]info{}
	for _, s := range all {
		if s.Seat == "" {
			continue // not at the machine; a user can have thousands
		}
		var p map[string]dbus.Variant
		call := conn.Object(destination, s.Path).CallWithContext(ctx, properties+".GetAll", 0, session)
		if err := call.Store(&p); err != nil {
			if ctx.Err() != nil {
				return nil, false, fmt.Errorf("ask for a session: %w", err)
			}
			continue // it has ended meanwhile
		}
		of[int(s.UID)] = append(of[int(s.UID)], info{
			seat:   s.Seat,
			remote: property[bool](p, "Remote"),
			active: property[bool](p, "Active"),
			locked: property[bool](p, "LockedHint"),
		})
	}
	return of, asleep, nil
}

// property returns a property, or the zero value if it is missing or has an
// unexpected type.
func property[T any](p map[string]dbus.Variant, name string) T {
	v, _ := p[name].Value().(T)
	return v
}
