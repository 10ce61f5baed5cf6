package inject

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
)

// A countingGate knows how many events its reader has not read.
type countingGate struct{ dev *fakeDevice }

func (g countingGate) Wait(context.Context) error {
	g.dev.writes = 0
	return nil
}

// TestRoomForReleases stops the typing after each character. With the releases of the keys
// that are held then, no more events wait for the reader than a burst has.
func TestRoomForReleases(t *testing.T) {
	texts := []string{strings.Repeat("¿Ü¿a", 12)}
	for _, held := range []string{"a", "A", "¿", "Ü"} {
		for before := range burst / 4 {
			texts = append(texts, strings.Repeat("a", before)+held+"aA¿a")
		}
	}
	for _, text := range texts {
		synctest.Test(t, func(t *testing.T) {
			plan, err := layout(false).Plan(text)
			if err != nil {
				t.Fatal(err)
			}
			for stop := range len(plan) {
				dev := newDevice(t)
				var k keyPresser
				k.use(dev, Brisk, countingGate{dev})
				for _, c := range plan[:stop+1] {
					if err := k.character(t.Context(), c.Strokes); err != nil {
						t.Fatal(err)
					}
				}
				if err := k.release(); err != nil {
					t.Fatal(err)
				}
				if events := 2 * dev.writes; events > burst { // each with its SYN_REPORT
					t.Errorf("%s: %d events wait after %d characters, want at most %d", text, events, stop+1, burst)
				}
			}
		})
	}
}
