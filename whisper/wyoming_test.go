package whisper

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestWyomingQuestion: the server learns the model, the language and the format, and gets
// the whole sound once.
func TestWyomingQuestion(t *testing.T) {
	type heardEvents struct {
		kinds  []string
		data   map[string]string
		sound  int
		chunks int
	}
	done := make(chan heardEvents, 1)
	serve := func(conn net.Conn) {
		h := heardEvents{data: map[string]string{}}
		in := bufio.NewReader(conn)
		for {
			e, payload, err := readTestEvent(in)
			if err != nil {
				return
			}
			if len(h.kinds) == 0 || h.kinds[len(h.kinds)-1] != e.Type {
				h.kinds = append(h.kinds, e.Type)
			}
			h.data[e.Type] = string(e.Data)
			if h.sound += payload; payload > 0 {
				h.chunks++
			}
			if e.Type == "audio-stop" {
				sendTo(conn, "transcript", map[string]string{"text": heard}, nil)
				done <- h
				return
			}
		}
	}
	clip := speech(4000)
	c := client(t, Config{URL: "tcp://" + listen(t, "tcp", "127.0.0.1:0", serve), Model: "small", Language: language.Of("de")})
	if got, err := c.Once().Transcribe(t.Context(), clip); err != nil || got != heard {
		t.Fatalf("%q, %v", got, err)
	}
	h := <-done
	if want := []string{"transcribe", "audio-start", "audio-chunk", "audio-stop"}; !slices.Equal(h.kinds, want) {
		t.Errorf("the events %v, want %v", h.kinds, want)
	}
	var asked struct{ Name, Language string }
	if err := json.Unmarshal([]byte(h.data["transcribe"]), &asked); err != nil || asked.Name != "small" || asked.Language != "de" {
		t.Errorf("the question %q", h.data["transcribe"])
	}
	for _, kind := range []string{"audio-start", "audio-chunk"} {
		var format struct{ Rate, Width, Channels int }
		if err := json.Unmarshal([]byte(h.data[kind]), &format); err != nil || format.Rate != pcm.Rate || format.Width != 2 || format.Channels != 1 {
			t.Errorf("the format %q", h.data[kind])
		}
	}
	if n := len(clip.Samples); h.sound != 2*n || h.chunks != (n+chunkSize-1)/chunkSize {
		t.Errorf("%d bytes of sound in %d pieces, of %d samples", h.sound, h.chunks, n)
	}
}

// TestWyomingCheck: a check reads the languages of the server, and fails if it says nothing.
func TestWyomingCheck(t *testing.T) {
	info := func(conn net.Conn) {
		if e, _, err := readTestEvent(bufio.NewReader(conn)); err != nil || e.Type != "describe" {
			t.Errorf("the check begins with %+v, %v", e, err)
			return
		}
		sendTo(conn, "info", map[string]any{"asr": []any{map[string]any{"models": []any{map[string]any{"languages": []string{"de", "en"}}}}}}, nil)
	}
	c := client(t, Config{URL: "tcp://" + listen(t, "tcp", "127.0.0.1:0", info)})
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Health()[0].Languages, []string{"de", "en"}; !slices.Equal(got, want) {
		t.Errorf("it knows %v, want %v", got, want)
	}
	silent := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	c = client(t, Config{URL: "tcp://" + listen(t, "tcp", "127.0.0.1:0", silent)})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := c.Check(ctx); err == nil {
		t.Error("a server that says nothing works")
	}
}

// TestWyomingLimits: what a server may send at most is taken, and a byte more is not.
func TestWyomingLimits(t *testing.T) {
	nested := func(n int) []byte { // the data of an event
		return append(bytes.Repeat([]byte("["), n), bytes.Repeat([]byte("]"), n)...)
	}
	for _, tt := range []struct {
		name string
		data []byte
		ok   bool
	}{
		{"as deep as may be", nested(maxDepth), true},
		{"a bracket too deep", nested(maxDepth + 1), false},
		{"nothing", nil, true},
	} {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		line, err := json.Marshal(event{Type: "info", DataLength: len(tt.data)})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][]byte{line, {'\n'}, tt.data} {
			_, _ = w.Write(part) // Flush returns the error
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if e, err := readEvent(bufio.NewReader(&b)); (err == nil) != tt.ok || tt.ok && !bytes.Equal(e.Data, tt.data) {
			t.Errorf("%s: %+v, %v", tt.name, e, err)
		}
	}
}

// TestErrorsOfSeveral: of several recognizers the soonest says when to ask again, and sound
// is unsent only if none of them listens.
func TestErrorsOfSeveral(t *testing.T) {
	busy := func(after time.Duration) error { return &Error{Kind: Busy, After: after} }
	refused := &Error{Kind: KeyRefused, After: time.Second}
	unheard := &Error{Kind: NotListening}
	for _, tt := range []struct {
		err    error
		after  time.Duration
		unsent bool
	}{
		{nil, 0, false},
		{busy(3 * time.Second), 3 * time.Second, false},
		{Errors{busy(3 * time.Second), busy(2 * time.Second)}, 2 * time.Second, false},
		{Errors{busy(0), busy(2 * time.Second)}, 0, false},
		{Errors{busy(2 * time.Second), busy(0)}, 0, false},
		{Errors{refused, busy(3 * time.Second)}, 3 * time.Second, false},
		{refused, 0, false},
		{unheard, 0, true},
		{Errors{unheard, unheard}, 0, true},
		{Errors{unheard, busy(0)}, 0, false},
		{Errors{busy(0), unheard}, 0, false},
	} {
		if got := after(tt.err); got != tt.after {
			t.Errorf("%v: ask again after %v, want %v", tt.err, got, tt.after)
		}
		if got := unsent(tt.err); got != tt.unsent {
			t.Errorf("%v: unsent: %v, want %v", tt.err, got, tt.unsent)
		}
	}
}
