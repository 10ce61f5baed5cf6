//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Source of the names: org.freedesktop.login1(5).
const logind = "busctl call org.freedesktop.login1 "

// sleep checks that suspend ends the hold, and that the words are typed after resume
// (F-10). Everything is real except suspend itself, which is a program that waits.
func sleep(t *testing.T, b *mockSession) {
	ctx := within(t, 3*time.Minute)
	const dir = "/run/systemd/system/systemd-suspend.service.d"
	_, err := m.Run(ctx, "mkdir -p "+dir+` && printf '[Service]\nExecStart=\nExecStart=/bin/sh -c "read x < /run/wake"\n' > `+dir+"/test.conf && rm -f /run/wake && mkfifo /run/wake && systemctl daemon-reload")
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm -r "+dir+"; systemctl daemon-reload")
		ok(t, err)
	})
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	b.away(t, func() {
		_, err := m.Run(ctx, "systemctl --no-block suspend")
		ok(t, err)
	}, func(ctx context.Context) error {
		_, err := m.Run(ctx, "echo > /run/wake")
		return err
	})
}

// lock checks that the daemon does not record in a locked session (F-10).
func lock(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	b.locked(t)
}

// locked tests a hold during which alice locks the screen.
func (b *mockSession) locked(t *testing.T) {
	t.Helper()
	b.away(t, func() { lockHint(t, true) }, func(ctx context.Context) error { return lockedHint(ctx, false) })
}

// lockHint sets whether alice's session is locked.
func lockHint(t *testing.T, locked bool) {
	t.Helper()
	ok(t, lockedHint(within(t, time.Minute), locked))
}

func lockedHint(ctx context.Context, locked bool) error {
	_, err := m.Run(ctx, fmt.Sprintf("%s$(loginctl list-sessions --no-legend | awk '$4==\"seat0\"{print \"/org/freedesktop/login1/session/\"($1 ~ /^[0-9]/ ? sprintf(\"_3%%s\", $1) : $1)}') org.freedesktop.login1.Session SetLockedHint b %v", logind, locked))
	return err
}

// anotherTerminal checks that the daemon does not record in a session that is not on the
// screen (F-10, F-29).
func anotherTerminal(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	b.elsewhere(t)
}

// elsewhere tests a hold during which alice switches to a different terminal.
func (b *mockSession) elsewhere(t *testing.T) {
	t.Helper()
	change := func(ctx context.Context, n int) error {
		_, err := m.Run(ctx, fmt.Sprint(logind, "/org/freedesktop/login1/seat/seat0 org.freedesktop.login1.Seat SwitchTo u ", n))
		return err
	}
	b.away(t, func() { ok(t, change(within(t, time.Minute), 2)) },
		func(ctx context.Context) error { return change(ctx, 1) })
}

// away makes alice leave while she holds the key, press it while away, and come back.
// "before after " must then be typed.
func (b *mockSession) away(t *testing.T, leave func(), comeBack func(context.Context) error) {
	t.Helper()
	isBack := false
	t.Cleanup(func() {
		if !isBack {
			_ = comeBack(context.Background()) // the next test needs her there
		}
	})
	b.rig.do(t, "press p KEY_F14", "wait 600ms")
	leave()
	q := b.next(t) // although the key is still down
	b.rig.do(t, "release p KEY_F14", "wait 200ms", holding("KEY_F14", 400*time.Millisecond))
	q.answer <- "before"
	b.rig.do(t, "wait 1s")
	if got := text(m.Typed(within(t, time.Minute)))(t); got != "" {
		t.Errorf("typed while away: %q", got)
	}
	b.none(t)
	ok(t, comeBack(within(t, time.Minute)))
	isBack = true
	b.types(t, "before ")
	b.hears(t)
	q = b.records(t, 600*time.Millisecond, "wait 1s", holding("KEY_F14", 600*time.Millisecond)) // there is a pre-roll before it
	q.answer <- "after"
	b.types(t, "before after ")
	b.none(t)
}

// clockSet checks that the time of day has no effect on a hold (F-11).
func clockSet(t *testing.T, b *mockSession) {
	ctx := within(t, time.Minute)
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), fmt.Sprint("date -s @", time.Now().Unix()))
		ok(t, err)
	})
	var typed strings.Builder
	for i := range b.rarely(2, 12) {
		by := []string{"+1 day", "-1 day"}[i%2]
		// The machine sets its clock during the hold.
		other := recordBeside(t)
		done := make(chan error, 1)
		go func() {
			_, err := m.Run(ctx, "sleep 0.5; date -s '"+by+"'")
			done <- err
		}()
		b.rig.do(t, holding("KEY_F14", 2500*time.Millisecond))
		ok(t, <-done)
		q := b.next(t)
		q.spans(t, 2500*time.Millisecond, other)
		q.answer <- "time"
		typed.WriteString("time ")
		b.types(t, typed.String())
		b.none(t)
	}
}
