package inject

import (
	"context"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

// A ready device takes everything at once.
type ready struct{}

func (ready) Ready(context.Context) error { return nil }
func (ready) Down(key.Code) error         { return nil }
func (ready) Up(key.Code) error           { return nil }
func (ready) Tap(key.Code) error          { return nil }
func (ready) Wait(context.Context) error  { return nil }

// BenchmarkType reports how fast prose is typed by the clock of the machine.
// Waiting is nearly all of it.
func BenchmarkType(b *testing.B) {
	const text = "Call me Ishmael. Some years ago, having little or no money, and nothing " +
		"particular to interest me on shore, I thought I would sail about a little and see the watery part of the world. "
	for _, p := range []struct {
		name string
		pace Pace
	}{{"careful", Careful}, {"even", Even}, {"brisk", Brisk}} {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			ty := &Typist{Device: ready{}, Gate: ready{}, Source: paced{layout(false), p.pace}}
			n := 0
			for b.Loop() {
				if _, err := ty.Type(context.Background(), strings.TrimSpace(text)); err != nil {
					b.Fatal(err)
				}
				n += len(text) - 1
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "chars/s")
		})
	}
}
