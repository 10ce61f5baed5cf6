package speech

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// The test program is its own worker. It behaves as the variable says.
const behave = "VOCODER_TEST_WORKER"

func TestMain(m *testing.M) {
	if b := os.Getenv(behave); b != "" {
		os.Exit(work(b))
	}
	os.Exit(m.Run())
}

// work answers each clip with the number of its samples.
func work(behaviour string) int {
	if behaviour == "refuse" {
		fmt.Fprintln(os.Stderr, "loading\n  tokens.cc:12 bad token file\n\nSIGABRT: abort\nPC=0x7f\n"+strings.Repeat("rax 0x0\n", 1000))
		return 255
	}
	clips := 0
	err := Serve(os.NewFile(RequestFD, ""), os.NewFile(ReplyFD, ""), func(c pcm.Clip) (string, error) {
		clips++
		if behaviour == "die" || (behaviour == "die at second" && clips == 2) {
			fmt.Fprintln(os.Stderr, "secret words")
			os.Exit(134)
		}
		if behaviour == "hang" {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			<-ctx.Done() // a select without cases would be seen as a deadlock
			stop()
		}
		if behaviour == "hear every third" {
			if clips%3 != 0 {
				return "", nil
			}
			return fmt.Sprintf("clip %d", clips), nil
		}
		return fmt.Sprintf("secret %d", len(c.Samples)), nil
	})
	if err != nil {
		return 1
	}
	return 0
}

// begin runs a Recogniser with such a worker until the test ends. It returns
// what it logs, to be read after end.
func begin(t *testing.T, behaviour string, c Config) (r *Recogniser, log *bytes.Buffer, end func()) {
	t.Helper()
	log = new(bytes.Buffer)
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	c.Command = func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), behave+"="+behaviour)
		return cmd
	}
	if c.Check == nil {
		c.Check = func() error { return nil }
	}
	r = New(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	return r, log, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func clip(samples int) pcm.Clip { return pcm.Clip{Rate: 16000, Samples: make([]int16, samples)} }

// Who waits for Ready finds the model loaded, if that was to be done at once,
// and the reason if it cannot be.
func TestReady(t *testing.T) {
	for _, tt := range []struct {
		behaviour string
		preload   bool
		loaded    bool
		failed    bool
	}{{"well", true, true, false}, {"well", false, false, false}, {"refuse", true, false, true}} {
		r, _, end := begin(t, tt.behaviour, Config{Preload: tt.preload})
		<-r.Ready()
		if loaded, err := r.Err(); loaded != tt.loaded || (err != nil) != tt.failed {
			t.Errorf("%s, preload %v: loaded %v, %v", tt.behaviour, tt.preload, loaded, err)
		}
		end()
	}
}

func TestTranscribe(t *testing.T) {
	r, log, end := begin(t, "well", Config{})
	if loaded, err := r.Err(); loaded || err != nil {
		t.Errorf("before the first clip: %v, %v", loaded, err)
	}
	for _, n := range []int{16000, 1600, 480000} {
		got, err := r.Transcribe(t.Context(), clip(n))
		if err != nil || len(got) != 1 || got[0].Text != fmt.Sprintf("secret %d", n) || got[0].End != clip(n).Duration() {
			t.Errorf("got %v, %v for %d samples", got, err, n)
		}
	}
	if loaded, err := r.Err(); !loaded || err != nil {
		t.Errorf("after it: %v, %v", loaded, err)
	}
	end()
	if strings.Contains(log.String(), "secret") || strings.Count(log.String(), "model loaded") != 1 {
		t.Errorf("log: %s", log)
	}
}

// A long clip is one request to the caller and several to the worker.
func TestTranscribeLong(t *testing.T) {
	r, _, end := begin(t, "well", Config{})
	defer end()
	c := talk(40, 16000, 22)
	got, err := r.Transcribe(t.Context(), c)
	if err != nil || len(got) != 2 || got[0].Start != 0 || got[0].End != got[1].Start || got[1].End != c.Duration() {
		t.Errorf("got %v, %v", got, err)
	}
}

// Where something was spoken, nothing is no answer before the third time; to
// silence it is at once.
func TestTranscribeAsksAgain(t *testing.T) {
	r, _, end := begin(t, "hear every third", Config{})
	defer end()
	for i, tt := range []struct {
		clip pcm.Clip
		want string
	}{
		{talk(2, 16000, 0, 1.6), "clip 3"},
		{clip(16000), ""},
		{talk(2, 16000, 0, 1.6), "clip 6"},
		{clip(16000), ""},
		{clip(16000), ""},
		{clip(16000), "clip 9"},
	} {
		if got, err := r.Transcribe(t.Context(), tt.clip); err != nil || len(got) != 1 || got[0].Text != tt.want {
			t.Errorf("clip %d: got %v, %v, want %q", i, got, err, tt.want)
		}
	}
}

// A click is not worth waking the worker for.
func TestTranscribeTooShort(t *testing.T) {
	r, _, end := begin(t, "die", Config{})
	defer end()
	got, err := r.Transcribe(t.Context(), clip(1599))
	if err != nil || len(got) != 1 || got[0].Text != "" {
		t.Errorf("got %v, %v", got, err)
	}
}

// A worker that ends costs one clip at most, and nothing of it is logged.
func TestWorkerEnds(t *testing.T) {
	r, log, end := begin(t, "die", Config{})
	for range 2 {
		if _, err := r.Transcribe(t.Context(), clip(16000)); !errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v", err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells: %v", err)
		}
	}
	end()
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log tells: %s", log)
	}
}

// One that ended while idle, or by chance, costs none.
func TestWorkerEndsBetween(t *testing.T) {
	r, _, end := begin(t, "die at second", Config{})
	defer end()
	for i := range 3 {
		if got, err := r.Transcribe(t.Context(), clip(16000)); err != nil || got[0].Text != "secret 16000" {
			t.Errorf("clip %d: got %v, %v", i, got, err)
		}
	}
}

// A model that native code refuses is an error with its reason, every time.
func TestWorkerRefuses(t *testing.T) {
	r, _, end := begin(t, "refuse", Config{Preload: true})
	defer end()
	for range 2 {
		_, err := r.Transcribe(t.Context(), clip(16000))
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "bad token file") {
			t.Errorf("got %v", err)
		}
	}
	if loaded, err := r.Err(); loaded || err == nil {
		t.Errorf("got %v, %v", loaded, err)
	}
}

// A model that the check refuses never reaches native code, and is loaded as
// soon as it is mended.
func TestCheckRefuses(t *testing.T) {
	broken := errors.New("encoder.onnx is broken")
	now := make(chan error, 2)
	now <- broken
	now <- nil
	r, _, end := begin(t, "well", Config{Check: func() error { return <-now }})
	defer end()
	if _, err := r.Transcribe(t.Context(), clip(16000)); !errors.Is(err, broken) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Transcribe(t.Context(), clip(16000)); err != nil {
		t.Error(err)
	}
}

// Nobody waits for a worker that hangs when all is to end.
func TestRunEnds(t *testing.T) {
	r, _, end := begin(t, "hang", Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := r.Transcribe(ctx, clip(16000)); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	end()
}

// An idle model is unloaded, and loaded again for the next clip.
func TestIdle(t *testing.T) {
	r, log, end := begin(t, "well", Config{Idle: time.Nanosecond, Preload: true})
	for range 2 {
		if _, err := r.Transcribe(t.Context(), clip(16000)); err != nil {
			t.Error(err)
		}
	}
	end()
	if n := strings.Count(log.String(), "model unloaded"); n < 2 {
		t.Errorf("unloaded %d times: %s", n, log)
	}
}
