//go:build e2e

package e2e_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"
)

// eventsLost stops the daemon while so many keys are pressed that the kernel drops the
// release (SYN_DROPPED). The hold must still end (F-04).
func eventsLost(t *testing.T, b *mockSession) {
	ctx := within(t, 2*time.Minute)
	b.pedals(t)
	b.start(t, "bindings: [{key: KEY_F14}, {key: KEY_F15}]\n")
	for _, tt := range []struct{ name, flood string }{
		{"of a key that is not bound", "tap p KEY_F16 500"},
		{"of a bound key", "tap p KEY_F15 500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ok(t, m.ClearTyped(ctx))
			b.rig.do(t, "press p KEY_F14", "wait 600ms")
			_, err := m.Run(ctx, "kill -STOP "+b.pid)
			ok(t, err)
			b.rig.do(t, "tap p KEY_F16 1", tt.flood, "release p KEY_F14", tt.flood)
			_, err = m.Run(ctx, "kill -CONT "+b.pid)
			ok(t, err)
			b.next(t).answer <- "ended"
			b.types(t, "ended ") // only while the daemon sees no bound key down
			b.rig.do(t, holding("KEY_F14", 400*time.Millisecond))
			b.next(t).answer <- "and again"
			b.types(t, "ended and again ")
			b.none(t)
		})
	}
}

// downAtTheStart checks that a key that was down before the daemon started does not
// begin a recording until it is pressed again (F-05).
func downAtTheStart(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.rig.do(t, "press p KEY_F14")
	b.start(t, "key: KEY_F14\n")
	q := b.records(t, 1500*time.Millisecond, "wait 700ms", "release p KEY_F14", "wait 100ms", holding("KEY_F14", 1500*time.Millisecond))
	q.answer <- "fresh"
	b.types(t, "fresh ")
	b.none(t)

	b.rig.do(t, "press p KEY_F14", "wait 500ms")
	go func() { (<-b.heard).answer <- "" }() // the recording until then, so that the daemon does not wait
	b.launch(t, "restart")
	q = b.records(t, 1500*time.Millisecond, "wait 700ms", "release p KEY_F14", "wait 100ms", holding("KEY_F14", 1500*time.Millisecond))
	q.answer <- "again"
	b.types(t, "fresh again ")
	b.none(t)
}

// heldForTooLong checks that the recording ends at the maximum, and that the text is
// typed as soon as the key is up (F-06).
func heldForTooLong(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\nmax_duration: 3s\n")
	q := b.records(t, 3*time.Second, "press p KEY_F14", "wait 4s")
	q.answer <- "cut"
	b.rig.do(t, "wait 500ms", "release p KEY_F14")
	b.types(t, "cut ")
	b.rig.do(t, holding("KEY_F14", 400*time.Millisecond))
	b.next(t).answer <- "next"
	b.types(t, "cut next ")
	b.none(t)
}

// slips checks that a touch of the key sends nothing (F-07).
func slips(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	for range 3 {
		b.rig.do(t, holding("KEY_F14", 80*time.Millisecond))
		b.log.until(t, contains("refused", "slip"))
	}
	b.rig.do(t, "tap p KEY_F14 20") // a contact that bounces
	b.log.until(t, contains("refused", "slip"))
	q := b.records(t, 400*time.Millisecond, holding("KEY_F14", 400*time.Millisecond))
	q.answer <- "meant"
	b.types(t, "meant ")
	b.none(t)
	// The bouncing contact was one slip, or a few if the kernel was slow.
	if id := b.utterance(t); id < 5 || id > 8 {
		t.Errorf("what was meant was utterance %d: the bouncing contact was heard as many", id)
	}
}

// answersOutOfOrder checks that a user can dictate while earlier words are still being
// recognized. The texts are typed in the order of the holds (F-08).
func answersOutOfOrder(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	var asked []*request
	for range 3 {
		b.rig.do(t, holding("KEY_F14", 400*time.Millisecond))
		asked = append(asked, b.next(t))
	}
	for i, word := range []string{"third", "second", "first"} {
		asked[2-i].answer <- word
		b.rig.do(t, "wait 300ms")
	}
	b.types(t, "first second third ")
}

// backlog checks that eight utterances may wait for the recognizer. The daemon refuses
// the ninth and logs that (F-08).
func backlog(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\n")
	var asked []*request
	for range 8 {
		b.rig.do(t, holding("KEY_F14", 300*time.Millisecond))
		asked = append(asked, b.next(t))
	}
	b.rig.do(t, holding("KEY_F14", 300*time.Millisecond))
	b.log.until(t, contains("utterance refused", "utterance=9", "too many wait"))
	var want strings.Builder
	for i := range asked {
		asked[7-i].answer <- fmt.Sprint("words ", 8-i)
		fmt.Fprint(&want, "words ", i+1, " ")
	}
	b.types(t, want.String())
	b.none(t)
}

// repeatsAndSecondDevice checks that a held key that repeats, and the same key on a
// second device, are one hold. It ends when all are up (F-09).
func repeatsAndSecondDevice(t *testing.T, b *mockSession) {
	for _, name := range []string{"one", "two"} {
		b.rig.do(t, "create "+name+" 1:1 KEY_F14,repeat Repeats "+name)
		t.Cleanup(func() { b.rig.do(t, "destroy "+name) })
	}
	b.start(t, "key: KEY_F14\n")
	q := b.records(t, 1500*time.Millisecond, "hold one KEY_F14 1500ms")
	q.answer <- "one"
	b.types(t, "one ")
	q = b.records(t, 1500*time.Millisecond, "press one KEY_F14", "wait 500ms", "press two KEY_F14", "wait 500ms", "release one KEY_F14", "wait 500ms", "release two KEY_F14")
	q.answer <- "both"
	b.types(t, "one both ")
	b.none(t)
}

// modes checks the modes toggle and auto, with a tap and with a hold.
func modes(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "bindings: [{key: KEY_F14, mode: toggle}, {key: KEY_F15, mode: auto}, {key: KEY_F16}]\n")
	const tap = 100 * time.Millisecond
	typed := ""
	for _, tt := range []struct {
		name     string
		commands []string
		want     time.Duration
	}{
		{"toggle", []string{holding("KEY_F14", tap), "wait 900ms", holding("KEY_F14", tap)}, time.Second},
		{"tapped", []string{holding("KEY_F15", tap), "wait 900ms", holding("KEY_F15", tap)}, time.Second},
		{"held", []string{holding("KEY_F15", time.Second)}, time.Second},
		{"after", []string{holding("KEY_F16", time.Second)}, time.Second},
	} {
		q := b.records(t, tt.want, tt.commands...)
		q.answer <- tt.name
		typed += tt.name + " "
		b.types(t, typed)
		b.none(t)
	}
}

// cancel checks that the cancel key discards the recording, also while the other key is
// held.
func cancel(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14\ncancel_key: KEY_F15\n")
	b.rig.do(t, "press p KEY_F14", "wait 500ms", holding("KEY_F15", 50*time.Millisecond))
	b.log.until(t, contains("refused", "cancelled"))
	q := b.records(t, 400*time.Millisecond, "wait 500ms", "release p KEY_F14", "wait 300ms", holding("KEY_F14", 400*time.Millisecond))
	q.answer <- "kept"
	b.types(t, "kept ")
	b.none(t)
}

// severalBindings checks that each key has its own language, or that of the session. The
// session has none, because its locale is C.
func severalBindings(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "bindings: [{key: KEY_F14, language: de}, {key: KEY_F15}, {key: KEY_F16, language: fr}]\n")
	typed := ""
	for _, tt := range []struct{ key, language string }{{"KEY_F14", "de"}, {"KEY_F15", ""}, {"KEY_F16", "fr"}} {
		b.rig.do(t, holding(tt.key, 400*time.Millisecond))
		q := b.next(t)
		if q.language != tt.language {
			t.Errorf("%s asked for %q, want %q", tt.key, q.language, tt.language)
		}
		said := cmp.Or(tt.language, "any")
		q.answer <- said
		typed += said + " "
		b.types(t, typed)
	}
	b.none(t)
}

// chord checks that the hold of a chord ends with the first of its keys that is
// released.
func chord(t *testing.T, b *mockSession) {
	b.pedals(t)
	b.start(t, "key: KEY_F14+KEY_F15\n")
	typed := ""
	for _, order := range [][4]string{
		{"KEY_F14", "KEY_F15", "KEY_F14", "KEY_F15"},
		{"KEY_F14", "KEY_F15", "KEY_F15", "KEY_F14"},
		{"KEY_F15", "KEY_F14", "KEY_F15", "KEY_F14"},
		{"KEY_F15", "KEY_F14", "KEY_F14", "KEY_F15"},
	} {
		q := b.records(t, 500*time.Millisecond, "press p "+order[0], "wait 300ms", "press p "+order[1], "wait 500ms", "release p "+order[2], "wait 600ms", "release p "+order[3])
		q.answer <- "chord"
		typed += "chord "
		b.types(t, typed)
		b.none(t)
	}
}
