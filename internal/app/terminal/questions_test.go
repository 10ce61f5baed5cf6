package terminal

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/tty"
)

// TestAnswers: lines come in order, without white space at their ends, and then the end. A
// line that the user did not finish is not an answer.
func TestAnswers(t *testing.T) {
	a := NewAnswers(strings.NewReader(" one \n\nthree\nrest"))
	a.Flush() // nothing: it is no terminal
	for _, want := range []string{"one", "", "three"} {
		if got, err := a.Line(t.Context()); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if _, err := a.Line(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("%v, want the end", err)
	}
}

// TestAnswersCanceled: a question ends with its context, though the user types nothing.
func TestAnswersCanceled(t *testing.T) {
	master, terminal := tty.Open(t)
	a := NewAnswers(terminal)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Line(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that of the context", err)
	}
	if _, err := master.WriteString("late\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Line(t.Context()); got != "late" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestAnswersFlush: what was typed before a question is not its answer. That holds for
// lines, for the sequence of a function key, and for lines that were read together.
func TestAnswersFlush(t *testing.T) {
	master, terminal := tty.Open(t)
	a := NewAnswers(terminal)
	for _, typed := range []string{"\n\n\n\n", "\x1b[25~", "y\nlogin\n"} {
		if _, err := master.WriteString(typed); err != nil {
			t.Fatal(err)
		}
		a.Flush()
		if _, err := master.WriteString("answer\n"); err != nil {
			t.Fatal(err)
		}
		if got, err := a.Line(t.Context()); got != "answer" || err != nil {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}
