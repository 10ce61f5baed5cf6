package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestMain: the test program is also the engine, and its worker.
func TestMain(m *testing.M) {
	librarytest.Use()
	if len(os.Args) > 1 && (os.Args[1] == "worker" || os.Args[1] == "serve") {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// realModel returns the store with the real Moonshine: that of the folder
// VOCODER_ENGINE_MODEL, which must be complete, or the user's.
func realModel(t *testing.T) models.Store { return realModelOf(t, models.Default) }

// realModelOf returns the store with a real model: that of the folder VOCODER_ENGINE_MODEL
// if it has this model, otherwise the user's.
func realModelOf(t *testing.T, name string) models.Store {
	t.Helper()
	librarytest.Need(t)
	dir, err := models.DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	s := models.Store{Dir: dir}
	named := os.Getenv("VOCODER_ENGINE_MODEL")
	if named != "" {
		s.Dir = filepath.Dir(named)
	}
	if err := s.Verify(name); err != nil {
		if filepath.Base(named) == name || os.Getenv(required) == "1" {
			t.Fatal(err)
		}
		t.Skipf("no model: %v", err)
	}
	return s
}

// required is a variable. If it is 1, a test fails instead of skipping when there is no
// real model or no human speech. make test sets it.
const required = "VOCODER_REAL"

// without skips a test because there is no human speech, or fails if that is required.
func without(t *testing.T, err error, packages string) {
	t.Helper()
	if os.Getenv(required) == "1" {
		t.Fatalf("%v; apt-get install %s", err, packages)
	}
	t.Skipf("no speech: %v; apt-get install %s", err, packages)
}

// An engine is the real engine, with the address of its socket.
type engine struct {
	client *http.Client
	log    *bytes.Buffer // read it after end
	end    func()
}

func startEngine(t *testing.T, s models.Store) engine {
	t.Helper()
	return startEngineWith(t, s, serveFlags{model: models.Default, threads: 2})
}

func startEngineWith(t *testing.T, s models.Store, f serveFlags) engine {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	e := engine{log: new(bytes.Buffer), client: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}}
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path + "n", Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	t.Setenv("NOTIFY_SOCKET", path+"n")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		f.addr = "unix:" + path
		done <- serve(ctx, s, f, slog.New(slog.NewTextHandler(e.log, nil)))
	}()
	e.end = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
	if err := notify.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	if n, err := notify.Read(b); err != nil || string(b[:n]) != "READY=1" {
		t.Fatalf("notified %q, %v", b[:n], err)
	}
	return e
}

// transcribe sends a clip as the daemon does.
func (e engine) transcribe(t *testing.T, c pcm.Clip) (status int, text string) {
	t.Helper()
	status, a := e.ask(t, c, "language", "en")
	return status, a.Text
}

// An answer is the reply in verbose JSON, or an error.
type answer struct {
	Text, Language, Task string
	Error                struct{ Message, Code string }
}

// ask sends a clip with more fields of the form, as names and values.
func (e engine) ask(t *testing.T, c pcm.Clip, fields ...string) (status int, a answer) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	p, err := w.CreateFormFile("file", "speech.wav")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(c.WAV()); err != nil {
		t.Fatal(err)
	}
	_ = w.WriteField("format", "verbose_json")
	for i := 0; i < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1])
	}
	_ = w.Close()
	resp, err := e.client.Post("http://engine/v1/transcribe", w.FormDataContentType(), &b)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return resp.StatusCode, a
}

// A sentence is a clip of human speech and its words.
type sentence struct {
	clip  pcm.Clip
	words []string
}

const speechFolder = "/usr/share/pocketsphinx/test/data" // Debian pocketsphinx-testdata

func sentences(t *testing.T) (all []sentence) {
	t.Helper()
	if _, err := os.Stat(speechFolder); err != nil {
		without(t, err, "pocketsphinx-testdata")
	}
	for _, list := range []string{"librivox/transcription", "cards/cards.transcription"} {
		b, err := os.ReadFile(filepath.Join(speechFolder, list))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			text, name, _ := strings.Cut(line, "(")
			name = strings.Trim(name, " )\n")
			if name == "" {
				continue
			}
			text = strings.ReplaceAll(text, "more a amiable", "more amiable") // an error in the list
			text = strings.NewReplacer("<s>", "", "</s>", "").Replace(text)
			f, err := os.Open(filepath.Join(speechFolder, filepath.Dir(list), name+".wav"))
			if err != nil {
				t.Fatal(err)
			}
			c, err := pcm.ReadWAV(f)
			_ = f.Close()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, sentence{c, normal(text)})
		}
	}
	for _, raw := range [][2]string{
		{"goforward.raw", "go forward ten meters"},
		{"something.raw", "go somewhere and do something"},
	} {
		all = append(all, sentence{rawClip(t, raw[0]), normal(raw[1])})
	}
	return all
}

func rawClip(t *testing.T, name string) pcm.Clip {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(speechFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	c := pcm.Clip{Rate: 16000, Samples: make([]int16, len(b)/2)}
	for i := range c.Samples {
		c.Samples[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return c
}

// same has one spelling for words that sound the same.
var same = map[string]string{
	"mr": "mister", "4": "four", "5": "five", "7": "seven", "8": "eight", "10": "ten",
}

// normal returns the words of a text as they are spoken, without punctuation and case.
func normal(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789'", r)
	})
	for i, w := range words {
		if s, ok := same[w]; ok {
			words[i] = s
		}
	}
	return words
}

// distance returns how many words must be changed, added or removed to get from a to b
// (Levenshtein).
func distance(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		corner := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := 1
			if x == y {
				cost = 0
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+cost)
		}
	}
	return row[len(b)]
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a b c", "a b c", 0}, {"a b c", "", 3}, {"", "a", 1},
		{"a b c", "a x c", 1}, {"a b c", "b c", 1}, {"a b c", "c b a", 2},
	} {
		if got := distance(normal(tt.a), normal(tt.b)); got != tt.want {
			t.Errorf("%q to %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestRealSpeech: of human speech at most 5 % of the words are wrong.
func TestRealSpeech(t *testing.T) {
	understood(t, startEngine(t, realModel(t)), 5)
}

// understood transcribes all sentences, and then ends the engine.
func understood(t *testing.T, e engine, percent float64) {
	t.Helper()
	var wrong, words int
	for _, s := range sentences(t) {
		begin := time.Now()
		status, text := e.transcribe(t, s.clip)
		n := distance(s.words, normal(text))
		t.Logf("%.1f s of speech, %d words, %d wrong, %v", s.clip.Duration().Seconds(), len(s.words), n, time.Since(begin).Round(time.Millisecond))
		if status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		wrong, words = wrong+n, words+len(s.words)
	}
	rate := 100 * float64(wrong) / float64(words)
	t.Logf("word error rate %.1f %% (%d of %d)", rate, wrong, words)
	if words < 80 || rate > percent {
		t.Errorf("word error rate %.1f %% of %d words, want at most %v %%", rate, words, percent)
	}
	e.end()
	for _, s := range sentences(t) {
		if strings.Contains(strings.ToLower(e.log.String()), strings.Join(s.words, " ")) {
			t.Error("the log tells what was said")
		}
	}
}

// With --preload, READY=1 means that the model is loaded.
func TestRealPreload(t *testing.T) {
	e := startEngineWith(t, realModel(t), serveFlags{model: models.Default, threads: 2, preload: true})
	defer e.end()
	resp, err := e.client.Get("http://engine/health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var health struct{ Loaded bool }
	if err := json.NewDecoder(resp.Body).Decode(&health); err != nil || !health.Loaded {
		t.Errorf("%+v, %v", health, err)
	}
}

// A pause before and after the words, in silence or noise, does not change the result.
func TestRealPause(t *testing.T) {
	e := startEngine(t, realModel(t))
	defer e.end()
	noise := rand.New(rand.NewPCG(1, 1))
	quiet := func(level int) []int16 {
		s := make([]int16, 2*16000)
		for i := range s {
			s[i] = int16(noise.IntN(2*level+1) - level)
		}
		return s
	}
	for _, level := range []int{0, 20, 200} {
		var wrong, words int
		for _, s := range sentences(t) {
			c := pcm.Clip{Rate: 16000, Samples: slices.Concat(quiet(level), s.clip.Samples, quiet(level))}
			_, text := e.transcribe(t, c)
			wrong, words = wrong+distance(s.words, normal(text)), words+len(s.words)
		}
		t.Logf("level %d: %d of %d words wrong", level, wrong, words)
		if 100*wrong > 8*words {
			t.Errorf("level %d: %d of %d words wrong", level, wrong, words)
		}
	}
}

// TestRealLongClip: sentences in one clip that is longer than a piece have as few errors as
// alone.
func TestRealLongClip(t *testing.T) {
	e := startEngine(t, realModel(t))
	defer e.end()
	long := pcm.Clip{Rate: 16000}
	var want []string
	for _, s := range sentences(t) {
		long.Samples = append(append(long.Samples, s.clip.Samples...), make([]int16, 16000/2)...)
		want = append(want, s.words...)
	}
	if long.Duration() < minLong {
		t.Fatalf("only %v of speech", long.Duration())
	}
	status, text := e.transcribe(t, long)
	n := distance(want, normal(text))
	t.Logf("%v: %d of %d words wrong", long.Duration(), n, len(want))
	if status != http.StatusOK || 100*n > 5*len(want) {
		t.Errorf("status %d, %d of %d words wrong, want at most one in twenty", status, n, len(want))
	}
}

const minLong = 35 * time.Second // more than one piece

// TestRealSilence: silence has no words.
func TestRealSilence(t *testing.T) {
	e := startEngine(t, realModel(t))
	defer e.end()
	for _, c := range []pcm.Clip{{Rate: 16000}, {Rate: 16000, Samples: make([]int16, 100)}, {Rate: 16000, Samples: make([]int16, 48000)}} {
		if status, text := e.transcribe(t, c); status != http.StatusOK || text != "" {
			t.Errorf("%v: %d, %d characters", c.Duration(), status, len(text))
		}
	}
}
