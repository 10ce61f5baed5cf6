// Package session reports whether a user is at the machine: the user has an
// active, unlocked session at a seat, and the machine is awake. Source:
// org.freedesktop.login1(5).
package session

import (
	"context"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
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

// decide returns the state that follows from the sessions of the user.
func decide(sessions []info, asleep bool) State {
	if asleep {
		return State{Why: Asleep}
	}
	why := NoSession
	for _, s := range sessions {
		switch {
		case s.seat == "" || s.remote:
		case !s.active:
			why = Inactive
		case s.locked:
			return State{Why: Locked}
		default:
			return State{InUse: true}
		}
	}
	return State{Why: why}
}

const (
	destination = "org.freedesktop.login1"
	root        = "/org/freedesktop/login1"
	manager     = "org.freedesktop.login1.Manager"
	session     = "org.freedesktop.login1.Session"
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
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("connect to the system bus: %w", err)
	}
	defer func() { _ = conn.Close() }() // all was received
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(manager)},
		{dbus.WithMatchPathNamespace(root), dbus.WithMatchInterface("org.freedesktop.DBus.Properties")},
	} {
		match = append(match, dbus.WithMatchSender(destination))
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return fmt.Errorf("watch logind: %w", err)
		}
	}
	return follow(ctx, conn, signals, changed)
}

// follow asks logind for the state after each signal, and so need not trust the
// content of signals. Only that of PrepareForSleep has no other source.
func follow(ctx context.Context, conn *dbus.Conn, signals <-chan *dbus.Signal, changed func(func(int) State)) error {
	asleep := false
	for {
		sessions, err := list(ctx, conn)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		sleeps := asleep
		changed(func(uid int) State { return decide(sessions[uid], sleeps) })
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-signals:
			if !ok {
				return fmt.Errorf("watch logind: the system bus closed the connection")
			}
			if s.Name == manager+".PrepareForSleep" && len(s.Body) == 1 {
				asleep, _ = s.Body[0].(bool)
			}
		}
	}
}

// list returns the sessions of each user.
func list(ctx context.Context, conn *dbus.Conn) (map[int][]info, error) {
	var all []struct {
		ID   string
		UID  uint32
		Name string
		Seat string
		Path dbus.ObjectPath
	}
	if err := conn.Object(destination, root).CallWithContext(ctx, manager+".ListSessions", 0).Store(&all); err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	of := map[int][]info{}
	for _, s := range all {
		var p map[string]dbus.Variant
		call := conn.Object(destination, s.Path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.GetAll", 0, session)
		if err := call.Store(&p); err != nil {
			continue // it has ended meanwhile
		}
		of[int(s.UID)] = append(of[int(s.UID)], info{
			seat:   s.Seat,
			remote: property[bool](p, "Remote"),
			active: property[bool](p, "Active"),
			locked: property[bool](p, "LockedHint"),
		})
	}
	return of, nil
}

// property returns a property, or the zero value if it is missing or has an
// unexpected type.
func property[T any](p map[string]dbus.Variant, name string) T {
	v, _ := p[name].Value().(T)
	return v
}
