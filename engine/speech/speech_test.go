package speech

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestMain: the test program is its own worker. The variable sets its behavior.
const behave = "VOCODER_TEST_WORKER"

func TestMain(m *testing.M) {
	if b := os.Getenv(behave); b != "" {
		os.Exit(work(b))
	}
	os.Exit(m.Run())
}

// work answers each clip with the number of its samples.
func work(behavior string) int {
	if behavior == "refuse" {
		fmt.Fprintln(os.Stderr, "loading\n  tokens.cc:12 bad token file\n\nSIGABRT: abort\nPC=0x7f\n"+strings.Repeat("rax 0x0\n", 1000))
		return 255
	}
	if behavior == "killed" {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing comes after it
	}
	clips := 0
	err := Serve(os.NewFile(RequestFD, ""), os.NewFile(ReplyFD, ""), func(c pcm.Clip, o Options) (Words, error) {
		clips++
		if behavior == "die" || (behavior == "die at second" && clips == 2) {
			fmt.Fprintln(os.Stderr, "secret words")
			os.Exit(134)
		}
		if behavior == "hang" {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			<-ctx.Done() // Go reports a select without cases as a deadlock
			stop()
		}
		if behavior == "hear every third" {
			if clips%3 != 0 {
				return Words{}, nil
			}
			return Words{Text: fmt.Sprintf("clip %d", clips)}, nil
		}
		if said, is := strings.CutPrefix(behavior, "say "); is {
			texts := strings.Split(said, "|")
			return Words{Text: texts[min(clips, len(texts))-1]}, nil
		}
		if behavior == "repeat with hot words" {
			if o.HotWords != "" {
				return Words{Text: strings.Repeat(o.HotWords+", ", 2)}, nil
			}
			return Words{Text: "without"}, nil
		}
		if behavior == "detect" {
			if silent(c) {
				return Words{Language: "xx"}, nil
			}
			return Words{Text: fmt.Sprintf("%s %q %s%s", c.Duration().Round(time.Second), o.Language, o.Task, o.HotWords), Language: cmp.Or(o.Language, "es")}, nil
		}
		if behavior == "full" {
			return Words{Text: c.Duration().Round(time.Second).String(), Full: c.Duration() > 6*time.Second}, nil
		}
		return Words{Text: fmt.Sprintf("secret %d", len(c.Samples))}, nil
	})
	if err != nil {
		return 1
	}
	return 0
}

// begin runs a Recognizer with such a worker until the test ends. Read its log after end.
func begin(t *testing.T, behavior string, c Config) (r *Recognizer, log *bytes.Buffer, end func()) {
	t.Helper()
	log = new(bytes.Buffer)
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	c.Command = func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), behave+"="+behavior)
		return cmd
	}
	if c.Requirements == nil {
		c.Requirements = func() Requirements { return Requirements{Again: true} }
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

// After Ready, with Preload, the model is loaded, or Err returns why it cannot be.
func TestReady(t *testing.T) {
	for _, tt := range []struct {
		behavior string
		preload  bool
		loaded   bool
		failed   bool
	}{{"well", true, true, false}, {"well", false, false, false}, {"refuse", true, false, true}} {
		r, _, end := begin(t, tt.behavior, Config{Preload: tt.preload})
		<-r.Ready()
		if loaded, err := r.Err(); loaded != tt.loaded || (err != nil) != tt.failed {
			t.Errorf("%s, preload %v: loaded %v, %v", tt.behavior, tt.preload, loaded, err)
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
		got, err := r.Transcribe(t.Context(), clip(n), Options{})
		if err != nil || len(got.Pieces) != 1 || got.Pieces[0].Text != fmt.Sprintf("secret %d", n) || got.Pieces[0].End != clip(n).Duration() {
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

// A long clip is one request of the caller and several requests to the worker.
func TestTranscribeLong(t *testing.T) {
	r, _, end := begin(t, "well", Config{})
	defer end()
	c := talk(40, 16000, 22)
	got, err := r.Transcribe(t.Context(), c, Options{})
	if err != nil || len(got.Pieces) != 2 || got.Pieces[0].Start != 0 || got.Pieces[0].End != got.Pieces[1].Start || got.Pieces[1].End != c.Duration() {
		t.Errorf("got %v, %v", got, err)
	}
}

// For speech, an empty answer counts only the third time. For silence it counts at once.
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
		if got, err := r.Transcribe(t.Context(), tt.clip, Options{}); err != nil || len(got.Pieces) != 1 || got.Pieces[0].Text != tt.want {
			t.Errorf("clip %d: got %v, %v, want %q", i, got, err, tt.want)
		}
	}
}

// texts returns the words, with a line for each piece.
func texts(t Transcript) string {
	var lines []string
	for _, p := range t.Pieces {
		lines = append(lines, p.Text)
	}
	return strings.Join(lines, "\n")
}

// The worker gets language and task. A language that it detects in the first piece with
// words is that of the other pieces and of the reply. A language of silence is not.
func TestLanguage(t *testing.T) {
	quietFirst := talk(60, 16000)
	clear(quietFirst.Samples[:30*16000])
	for _, tt := range []struct {
		name     string
		clip     pcm.Clip
		options  Options
		language string
		want     string
	}{
		{"detected", talk(2, 16000), Options{}, "es", `2s "" `},
		{"named", talk(2, 16000), Options{Language: "it"}, "it", `2s "it" `},
		{"translate", talk(2, 16000), Options{Language: "ru", Task: "translate"}, "ru", `2s "ru" translate`},
		{"detected once", talk(50, 16000, 20, 40), Options{Task: "transcribe"}, "es", `20s "" transcribe` + "\n" + `20s "es" transcribe` + "\n" + `10s "es" transcribe`},
		{"hot words", talk(50, 16000, 20, 40), Options{Language: "it", HotWords: "beta"}, "it", `20s "it" beta` + "\n" + `20s "it" beta` + "\n" + `10s "it" beta`},
		{"hot words without a language", talk(50, 16000, 20, 40), Options{HotWords: "beta"}, "es", `20s "" beta` + "\n" + `20s "es" beta` + "\n" + `10s "es" beta`},
		{"not in silence", quietFirst, Options{}, "es", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _, end := begin(t, "detect", Config{Requirements: func() Requirements { return Requirements{Longest: 25 * time.Second} }})
			defer end()
			got, err := r.Transcribe(t.Context(), tt.clip, tt.options)
			if err != nil || got.Language != tt.language || tt.want != "" && texts(got) != tt.want {
				t.Errorf("%v, language %q\n%s\nwant %q\n%s", err, got.Language, texts(got), tt.language, tt.want)
			}
		})
	}
}

// A model that invents words never gets silence, and gets a piece without words once.
func TestInvents(t *testing.T) {
	r, _, end := begin(t, "hear every third", Config{Requirements: func() Requirements { return Requirements{Invents: true} }})
	defer end()
	for i, tt := range []struct {
		clip pcm.Clip
		want string
	}{{clip(16000), ""}, {talk(2, 16000, 0, 1.6), ""}, {clip(480000), ""}, {talk(2, 16000, 0, 1.6), ""}, {talk(2, 16000), "clip 3"}} {
		if got, err := r.Transcribe(t.Context(), tt.clip, Options{}); err != nil || texts(got) != tt.want {
			t.Errorf("clip %d: got %v, %v, want %q", i, got, err, tt.want)
		}
	}
}

// If such a model writes no word for a piece, or one word many times, the piece is tried
// again from a little later in its sound. If that is no better, the first answer counts.
func TestInvented(t *testing.T) {
	for _, tt := range []struct{ said, want string }{
		{"no no no no no no|nona|x", "nona"},
		{"-|...|Запись!|x", "Запись!"},
		{"no No no NO|-|no no no no no|x", "no No no NO"},
		{"$|x", "$"}, {"50%|x", "50%"}, {"no no no|x", "no no no"}, {"no no no no, never|x", "no no no no, never"}, {"|x", ""},
	} {
		r, _, end := begin(t, "say "+tt.said, Config{Requirements: func() Requirements { return Requirements{Invents: true} }})
		if got, err := r.Transcribe(t.Context(), talk(2, 16000), Options{}); err != nil || texts(got) != tt.want {
			t.Errorf("%s: got %v, %v, want %q", tt.said, got, err, tt.want)
		}
		end()
	}
}

// TestRepeated: one word several times may come of hot words, as of the prompt of Whisper.
// Then the piece is tried again without them, and also if a text ends with one word again
// and again, with any model.
func TestRepeated(t *testing.T) {
	for _, tt := range []struct{ said, hot, want string }{
		{"Guillaume, Guillaume,|We met Guillaume.|x", "Guillaumin", "We met Guillaume."}, {"Guillaume Guillaume|We met.|x", "Guillaumin", "We met."},
		{"Nein, nein.|Nein, nein.|x", "Guillaumin", "Nein, nein."}, {"Nein. Nein!||x", "Guillaumin", "Nein. Nein!"},
		{"Nein, nein.|x", "", "Nein, nein."}, {"Guillaumin.|x", "Guillaumin", "Guillaumin."}, {"Grafana, Guillaumin,|x", "Guillaumin", "Grafana, Guillaumin,"},
		{"|x", "Guillaumin", ""},
	} {
		r, _, end := begin(t, "say "+tt.said, Config{Requirements: func() Requirements { return Requirements{Invents: true} }})
		if got, err := r.Transcribe(t.Context(), talk(2, 16000), Options{Language: "fr", HotWords: tt.hot}); err != nil || texts(got) != tt.want {
			t.Errorf("%s: got %v, %v, want %q", tt.said, got, err, tt.want)
		}
		end()
	}
	const loop = "70, 80, 90, 90, 90, 90, 90, 90, 90, 90, 90,"
	for said, want := range map[string]string{loop + "|70, 80, 90.|x": "70, 80, 90.", loop + "|90 90 90 90 90 90 90 90 90|" + loop + "|x": loop} {
		r, _, end := begin(t, "say "+said, Config{})
		if got, err := r.Transcribe(t.Context(), talk(1, 16000), Options{}); err != nil || texts(got) != want {
			t.Errorf("%s: got %v, %v, want %q", said, got, err, want)
		}
		end()
	}
	r, _, end := begin(t, "repeat with hot words", Config{})
	defer end()
	if got, err := r.Transcribe(t.Context(), talk(2, 16000), Options{Language: "fr", HotWords: "beta"}); err != nil || texts(got) != "without" {
		t.Errorf("got %v, %v", got, err)
	}
}

// A longer piece is divided if its text has no end, or no words.
func TestDivided(t *testing.T) {
	const loop = "10, 10, 10, 10, 10, 10, 10, 10, 10, 20, 1"
	for _, tt := range []struct{ said, hot, want string }{
		{loop + "|10,|20.|x", "", "10,\n20."},
		{"|||10,|20.|x", "", "10,\n20."},
		{"|10, 20.|x", "", "10, 20."},
		{loop + "|10, 20.|x", "beta", "10, 20."}, // without hot words
		{loop + "|" + loop + "|10,|20.|x", "beta", "10,\n20."},
		{"no no no no no no no no|x", "", "no no no no no no no no"},
	} {
		r, _, end := begin(t, "say "+tt.said, Config{Requirements: func() Requirements { return Requirements{Again: true} }})
		if got, err := r.Transcribe(t.Context(), talk(3, 16000, 1.4), Options{Language: "en", HotWords: tt.hot}); err != nil || texts(got) != tt.want {
			t.Errorf("%s: got %v, %v, want %q", tt.said, got, err, tt.want)
		}
		end()
	}
}

// If the model cannot write all of a piece, the piece is divided at its quietest place,
// until the model can or the piece is too short.
func TestFull(t *testing.T) {
	r, _, end := begin(t, "full", Config{})
	defer end()
	c := talk(20, 16000, 10)
	got, err := r.Transcribe(t.Context(), c, Options{})
	if err != nil || len(got.Pieces) < 4 || got.Pieces[0].Start != 0 || got.Pieces[len(got.Pieces)-1].End != c.Duration() {
		t.Fatalf("got %v, %v", got, err)
	}
	at := time.Duration(0)
	atPause := false
	for _, p := range got.Pieces {
		if p.Start != at || p.End-p.Start > 6*time.Second {
			t.Errorf("a piece from %v to %v after one to %v", p.Start, p.End, at)
		}
		at = p.End
		atPause = atPause || p.End > 10*time.Second && p.End < 10400*time.Millisecond
	}
	if !atPause {
		t.Errorf("no cut at the pause: %v", got.Pieces)
	}
}

// A click starts no worker.
func TestTranscribeTooShort(t *testing.T) {
	r, _, end := begin(t, "die", Config{})
	defer end()
	got, err := r.Transcribe(t.Context(), clip(1599), Options{})
	if err != nil || len(got.Pieces) != 1 || got.Pieces[0].Text != "" {
		t.Errorf("got %v, %v", got, err)
	}
}

// A request arrives as it was sent, and an incomplete one is an error.
func TestRequest(t *testing.T) {
	b, err := appendRequest(nil, pcm.Clip{Rate: 8000, Samples: []int16{1, -2, 300}}, Options{Language: "zh", Task: "translate"})
	if err != nil {
		t.Fatal(err)
	}
	c, o, err := readRequest(bytes.NewReader(b))
	if err != nil || c.Rate != 8000 || !slices.Equal(c.Samples, []int16{1, -2, 300}) || o != (Options{Language: "zh", Task: "translate"}) {
		t.Errorf("got %v, %v, %v", c, o, err)
	}
	if _, _, err := readRequest(bytes.NewReader(nil)); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
	for n := 1; n < len(b); n++ {
		if _, _, err := readRequest(bytes.NewReader(b[:n])); err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	}
	long := slices.Clone(b)
	binary.LittleEndian.PutUint32(long[8:], maxOptions+1)
	if _, _, err := readRequest(bytes.NewReader(long)); err == nil {
		t.Error("took options without bound")
	}
}

// If a worker ends, at most one clip is lost, and none of its words are logged.
func TestWorkerEnds(t *testing.T) {
	r, log, end := begin(t, "die", Config{})
	for range 2 {
		if _, err := r.Transcribe(t.Context(), clip(16000), Options{}); !errors.Is(err, ErrUnavailable) {
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

// If a worker ended while it was idle, or once by chance, no clip is lost.
func TestWorkerEndsBetween(t *testing.T) {
	r, _, end := begin(t, "die at second", Config{})
	defer end()
	for i := range 3 {
		if got, err := r.Transcribe(t.Context(), clip(16000), Options{}); err != nil || got.Pieces[0].Text != "secret 16000" {
			t.Errorf("clip %d: got %v, %v", i, got, err)
		}
	}
}

// If native code refuses a model, each clip gets an error with the reason.
func TestWorkerRefuses(t *testing.T) {
	r, _, end := begin(t, "refuse", Config{Preload: true})
	defer end()
	for range 2 {
		_, err := r.Transcribe(t.Context(), clip(16000), Options{})
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "bad token file") {
			t.Errorf("got %v", err)
		}
	}
	if loaded, err := r.Err(); loaded || err == nil {
		t.Errorf("got %v, %v", loaded, err)
	}
}

// A model that Check refuses never reaches native code. It is loaded when it is repaired.
func TestCheckRefuses(t *testing.T) {
	broken := errors.New("encoder.onnx is broken")
	now := make(chan error, 2)
	now <- broken
	now <- nil
	r, _, end := begin(t, "well", Config{Check: func() error { return <-now }})
	defer end()
	if _, err := r.Transcribe(t.Context(), clip(16000), Options{}); !errors.Is(err, broken) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Transcribe(t.Context(), clip(16000), Options{}); err != nil {
		t.Error(err)
	}
}

// Run does not wait for a hanging worker when its context is done.
func TestRunEnds(t *testing.T) {
	r, _, end := begin(t, "hang", Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := r.Transcribe(ctx, clip(16000), Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	end()
}

// An idle model is unloaded, and loaded again for the next clip.
func TestIdle(t *testing.T) {
	r, log, end := begin(t, "well", Config{Idle: time.Nanosecond, Preload: true})
	for range 2 {
		if _, err := r.Transcribe(t.Context(), clip(16000), Options{}); err != nil {
			t.Error(err)
		}
	}
	end()
	if n := strings.Count(log.String(), "model unloaded"); n < 2 {
		t.Errorf("unloaded %d times: %s", n, log)
	}
}
