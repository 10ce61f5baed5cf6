package daemon

import (
	"context"

	"github.com/arealicehole/vocoder/dictate"
)

// A typist implements dictate.Typist: each text continues the one before.
type typist struct{ daemon *daemon }

// Type implements dictate.Typist.
func (t typist) Type(ctx context.Context, text string) (dictate.Outcome, string, error) {
	text = t.daemon.continuation.Join(text)
	how, rest, err := t.daemon.keyboard.Type(ctx, text)
	t.daemon.continuation.Typed(text, rest)
	return how, rest, err
}
