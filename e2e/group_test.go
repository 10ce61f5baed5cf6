//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
)

// A group is one of the layouts that a user switches between.
type group struct {
	proof, gives string // a key of the machine's own keyboard, and its character
	text         string // the other group has other keys for it, or none
}

// TestGroups checks that, of two layouts, texts are typed on the one that the user
// switched to since the previous text. The switch is sway's own command, or in X Scroll
// Lock on the machine's own keyboard.
func TestGroups(t *testing.T) {
	ok(t, shipped.Install(within(t, time.Minute), m))
	american := group{"y", "y", "Why [not]; {zebra}?"}
	for _, tt := range []struct {
		layouts string
		groups  [2]group
	}{
		{"de,us", [2]group{{"y", "z", "Zyklus ÄÖÜ ß (y) = 5 €"}, american}},
		{"us,ru", [2]group{american, {"y", "н", "Съешь ещё этих мягких булок, 5 №"}}},
	} {
		t.Run(tt.layouts, func(t *testing.T) {
			t.Cleanup(func() {
				command := "pkill -x vocoder; " + asXKB("us", "") // it still waits if the test has failed
				if session() != "sway" {
					command += " -option ''"
				}
				_, err := m.As(context.Background(), "alice", command)
				ok(t, err)
			})
			if session() == "sway" {
				_, err := m.As(within(t, time.Minute), "alice", asXKB(tt.layouts, ""))
				ok(t, err)
			}
			for i := range 4 {
				g := tt.groups[i%2]
				ctx := within(t, 2*time.Minute)
				command := "vocoder type --typing-space none --after 0s " + quoted(g.text)
				if session() == "sway" {
					_, err := m.As(ctx, "alice", swayCommand(fmt.Sprintf("input type:keyboard xkb_switch_layout %d", i%2)))
					ok(t, err)
				} else { // the X server gives a new keyboard its own layout
					command = onceThere(asXKB(tt.layouts, "")+" -option '' -option grp:sclk_toggle && echo there") + "vocoder type --typing-space none --after 8s " + quoted(g.text)
				}
				ok(t, m.ClearTyped(ctx))
				writer := follow(ctx, t, "alice", command)
				if session() != "sway" {
					writer.until(t, contains("there"))
					switchTo(ctx, t, g)
					ok(t, m.ClearTyped(ctx))
				}
				if how := writer.until(t, func(string) bool { return true }); how != "typed" {
					t.Errorf("text %d was %s", i, how)
				}
				sameText(t, awaitTyped(t, g.text), g.text)
			}
		})
	}
}

// switchTo presses Scroll Lock until the machine's own keyboard has the group.
func switchTo(ctx context.Context, t *testing.T, g group) {
	t.Helper()
	press := func(k string) {
		t.Helper()
		ok(t, m.KeyDown(ctx, k))
		ok(t, m.KeyUp(ctx, k))
	}
	var got string
	for range 2 {
		ok(t, m.ClearTyped(ctx))
		press(g.proof)
		press("ret")
		typed := text(m.WaitTyped(ctx, func(s string) bool { return strings.ContainsAny(s, "\r\n") }))(t)
		if got = strings.TrimRight(typed, "\r\n"); got == g.gives {
			return
		}
		press("scroll_lock")
	}
	t.Fatalf("however often Scroll Lock was pressed, %s gives %q, want %q", g.proof, got, g.gives)
}
