package main

import (
	"context"
	"errors"
	"testing"

	"github.com/arealicehole/vocoder/whisper"
)

// Of a recogniser that takes too long it is said that it gave no answer in time,
// and not what a context says of itself.
func TestLate(t *testing.T) {
	client, err := whisper.New(whisper.Config{URL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	b := &brain{client: client}
	got := b.late(context.DeadlineExceeded)
	if e, is := errors.AsType[*whisper.Error](got); !is || e.Kind != whisper.Late || !errors.Is(got, context.DeadlineExceeded) {
		t.Errorf("got %v, want one of kind Late", got)
	}
	if want := "ask http://127.0.0.1:1: no answer in time"; got.Error() != want || said(got) != "" || hint(got) == "" {
		t.Errorf("got %q, said %q, hint %q; want %q", got, said(got), hint(got), want)
	}
	for _, err := range []error{context.Canceled, &whisper.Error{Kind: whisper.Busy}} {
		if got := b.late(err); got != err {
			t.Errorf("of %v: got %v", err, got)
		}
	}
}
