package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/printable"
)

// A fake is a daemon that only knows whether it records.
type fake struct {
	server *control.Server
	text   string
	err    error

	leftOut, reason string // with text

	mu  sync.Mutex
	now control.Status
}

func (f *fake) Do(_ context.Context, c control.Command) error {
	if f.err != nil {
		return f.err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch c {
	case control.Start:
		f.now.Recording = true
	case control.Toggle:
		f.now.Recording = !f.now.Recording
	case control.Stop, control.Cancel:
		f.now.Recording = false
	case control.Pause:
		f.now.Pause = control.PausedByCommand
	case control.Resume:
		f.now.Pause = ""
	}
	f.server.Show(f.now)
	return nil
}

func (f *fake) Last() (control.Text, bool) {
	return control.Text{Text: f.text, LeftOut: f.leftOut, Reason: f.reason}, f.text != ""
}

// start runs a daemon in dir. The function that it returns ends the daemon.
func start(t *testing.T, dir string, f *fake) (end func()) {
	t.Helper()
	l, err := control.Listen(control.Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	f.server = &control.Server{Daemon: f, Log: slog.New(slog.DiscardHandler)}
	f.server.Show(f.now)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Run(ctx, l) }()
	end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(end)
	return end
}

// run runs one command line.
func run(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &cli{stdout: &out, stderr: &errs, runtimeDir: dir}
	status = a.main(t.Context(), args)
	return status, out.String(), errs.String()
}

func TestVerbs(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, &fake{text: "said words"})
	for _, tt := range []struct{ args, want string }{
		{"toggle", ""},
		{"toggle --json", `{"status":"stopped","recording":false,"state":"idle"}` + "\n"},
		{"", ""}, // the old hotkey: toggle
		{"stop", "✓ stopped\n"},
		{"stop", "it was not listening\n"},
		{"stop --json", `{"status":"stopped","recording":false,"state":"idle","nothing":true}` + "\n"},
		{"cancel", "there is nothing to cancel; `vocoderctl forget` throws away what is kept\n"},
		{"start", ""},
		{"start --json", `{"status":"started","recording":true,"state":"listening"}` + "\n"},
		{"cancel", "✓ cancelled\n"},
		{"retry", "✓ retrying\n"},
		{"last", "✓ typing\n"},
		{"last --print", "said words\n"},
		{"last --print --json", `{"text":"said words"}` + "\n"},
		{"pause", "✓ paused\n"},
		{"pause", "it was paused already\n"},
		{"resume", "✓ resumed\n"},
		{"resume", "it was not paused\n"},
		{"reload", "✓ reloaded\n"},
		{"shutdown", "✓ shutting down\n"},
	} {
		status, out, errs := run(t, dir, strings.Fields(tt.args)...)
		if status != exitDone || out != tt.want || errs != "" {
			t.Errorf("%q: status %d, %q, %q; want %q", tt.args, status, out, errs, tt.want)
		}
	}
	// Scripts for vocoder 1.0 look for these.
	_, out, _ := run(t, dir, "status")
	for _, want := range []string{"running", "  recording: False\n", "  typing_tool: uinput\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("status: %q is not in %q", want, out)
		}
	}
	_, out, _ = run(t, dir, "status", "--json")
	var s control.Status
	if err := json.Unmarshal([]byte(out), &s); err != nil || s.State != control.Idle || strings.Count(out, "\n") != 1 {
		t.Errorf("status --json: %q, %v", out, err)
	}
}

func TestFailures(t *testing.T) {
	dir, none := t.TempDir(), t.TempDir()
	start(t, dir, &fake{err: errors.New("the session is locked")})
	for _, tt := range []struct {
		name, dir, args string
		status          int
		out, errs       string // parts of what is printed
	}{
		{"refused", dir, "start", exitFailed, "", "vocoderctl: the session is locked\n"},
		{"refused, in JSON", dir, "start --json", exitFailed, `{"error":"the session is locked"}` + "\n", "the session is locked"},
		{"no text", dir, "last --print", exitFailed, "", "there is no last text"},
		{"no daemon", none, "toggle", exitNotRunning, "", "hint: start it: systemctl --user start vocoder"},
		{"no daemon, in JSON", none, "status --json", exitNotRunning, `{"error":"vocoder is not running: no daemon listens on`, "not running"},
		{"no daemon to watch", none, "watch", exitNotRunning, "", "not running"},
		{"another socket", dir, "status --socket " + none + "/x", exitNotRunning, "", none + "/x"},
		{"unknown command", dir, "begin", exitUsage, "", `unknown command "begin"`},
		{"a command nearly", dir, "togle", exitUsage, "", "did you mean toggle?\nhint: vocoderctl --help"},
		{"unknown shell", dir, "completion tcsh", exitUsage, "", `unknown command "tcsh"`},
		{"unknown flag", dir, "start --now", exitUsage, "", "unknown flag"},
		{"too much", dir, "start now", exitUsage, "", "takes no argument, got \"now\"\nhint: vocoderctl start --help"},
		{"words in a bar", dir, "watch --format waybar --partial", exitUsage, "", "needs the format json"},
		{"unknown format", dir, "watch --format polybar", exitUsage, "", "want one of i3status, json, waybar"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errs := run(t, tt.dir, strings.Fields(tt.args)...)
			if status != tt.status || !strings.Contains(out, tt.out) || !strings.Contains(errs, tt.errs) {
				t.Errorf("status %d, %q, %q", status, out, errs)
			}
			if tt.out == "" && out != "" {
				t.Errorf("standard output: %q", out)
			}
		})
	}
}

// A daemon that accepts and does not answer is an error within the time limit.
func TestDaemonHangs(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("unix", control.Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	var out, errs bytes.Buffer
	a := &cli{stdout: &out, stderr: &errs, runtimeDir: dir}
	if status := a.main(ctx, []string{"status"}); status != exitFailed || !strings.Contains(errs.String(), "the daemon hangs") {
		t.Errorf("status %d, %q", status, errs.String())
	}
}

// watch runs until the lines that it writes have been seen.
func watch(t *testing.T, dir, format string, see func(next func() string), more ...string) int {
	t.Helper()
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a := &cli{stdout: w, stderr: io.Discard, runtimeDir: dir}
	status := make(chan int, 1)
	go func() {
		status <- a.main(ctx, append([]string{"watch", "--format", format}, more...))
		_ = w.Close()
	}()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(r); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	see(func() string { return <-lines })
	cancel()
	for range lines { // until it has ended
	}
	return <-status
}

func TestWatchJSON(t *testing.T) {
	dir := t.TempDir()
	f := &fake{}
	end := start(t, dir, f)
	status := watch(t, dir, "json", func(next func() string) {
		for _, want := range []control.State{control.Idle, control.Listening} {
			var s control.Status
			if line := next(); json.Unmarshal([]byte(line), &s) != nil || s.State != want {
				t.Errorf("got %s, want %s", line, want)
			}
			f.server.Show(control.Status{Recording: true})
		}
	})
	if status != exitDone {
		t.Errorf("interrupted: status %d", status)
	}
	status = watch(t, dir, "json", func(next func() string) {
		next()
		end()
		if line := next(); line != "" {
			t.Errorf("after the end: %s", line)
		}
	})
	if status != exitNotRunning {
		t.Errorf("the daemon ended: status %d", status)
	}
}

// With --partial the words while the user speaks are lines of their own.
func TestWatchPartial(t *testing.T) {
	dir := t.TempDir()
	f := &fake{}
	start(t, dir, f)
	watch(t, dir, "json", func(next func() string) {
		next()
		f.server.Show(control.Status{Recording: true})
		next()
		f.server.ShowWords(control.Partial{Stable: "hello ", Provisional: "wor\u202eld"})
		if got, want := next(), `{"stable":"hello ","provisional":"wor\u202eld"}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}, "--partial")
}

// With --levels json has lines with the level. A bar shows the last ones next to the state,
// and none of them after the recording.
func TestWatchLevels(t *testing.T) {
	for _, tt := range []struct {
		format  string
		heads   int // lines before the first status
		silence []string
		loud    []string
	}{
		{"json", 0, []string{`{"level":0}`}, []string{`{"level":100}`}},
		{"waybar", 0, []string{`"text":"listening ▁▁▁▁▁▁▁▁"`, `"alt":"listening"`}, []string{`"text":"listening ▁▁▁▁▁▁▁█"`}},
		{"i3status", 2, []string{`"full_text":"vocoder: listening ▁▁▁▁▁▁▁▁"`}, []string{`"full_text":"vocoder: listening ▁▁▁▁▁▁▁█"`, `"short_text":"listening ▁▁▁▁▁▁▁█"`}},
	} {
		dir := t.TempDir()
		f := &fake{}
		start(t, dir, f)
		watch(t, dir, tt.format, func(next func() string) {
			for range tt.heads {
				next()
			}
			next() // idle
			see := func(peak float64, wanted []string) {
				t.Helper()
				f.server.Show(control.Status{Recording: true})
				if got := next(); strings.ContainsAny(got, "▁█") {
					t.Errorf("%s: at the beginning of a recording: %s", tt.format, got)
				}
				f.server.Peak(peak)
				got := next()
				for _, want := range wanted {
					if !strings.Contains(got, want) {
						t.Errorf("%s: got %s, want %s in it", tt.format, got, want)
					}
				}
				f.server.Show(control.Status{})
				if got := next(); strings.ContainsAny(got, "▁█") {
					t.Errorf("%s: after a recording: %s", tt.format, got)
				}
			}
			see(-90, tt.silence)
			see(0, tt.loud)
		}, "--levels")
	}
}

// A bar sees the daemon come, go and come back.
func TestWatchBar(t *testing.T) {
	dir := t.TempDir()
	status := watch(t, dir, "waybar", func(next func() string) {
		see := func(want string) {
			t.Helper()
			var s struct{ Text, Alt, Tooltip, Class *string }
			line := next()
			if err := json.Unmarshal([]byte(line), &s); err != nil || s.Text == nil || s.Tooltip == nil || s.Class == nil ||
				s.Alt == nil || *s.Alt != want || *s.Class != want {
				t.Errorf("got %s, want %s", line, want)
			}
		}
		see("stopped")
		end := start(t, dir, &fake{})
		see("idle")
		end()
		see("stopped")
		f := &fake{now: control.Status{Lacks: map[control.Part]string{"key": "no keyboard"}}}
		start(t, dir, f)
		see("problem")
	})
	if status != exitDone {
		t.Errorf("status %d", status)
	}
}

// i3bar reads a header and an array that never ends.
func TestWatchI3(t *testing.T) {
	dir := t.TempDir()
	f := &fake{}
	start(t, dir, f)
	watch(t, dir, "i3status", func(next func() string) {
		if head := next(); head != `{"version":1}` {
			t.Errorf("header: %s", head)
		}
		text := next() + next()
		f.server.Show(control.Status{Recording: true})
		text += next()
		var bars [][]struct {
			Name string `json:"name"`
			Full string `json:"full_text"`
		}
		if err := json.Unmarshal([]byte(strings.TrimSuffix(text, ",")+"]"), &bars); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if len(bars) != 2 || bars[1][0].Name != "vocoder" || bars[1][0].Full != "vocoder: listening" {
			t.Errorf("got %+v", bars)
		}
	})
}

func TestFormats(t *testing.T) {
	s := control.Status{
		State: control.Paused, Pause: "session <locked>", Kept: 2, Key: "F13",
		Lacks: map[control.Part]string{"microphone": "muted & off"}, Last: control.End{Outcome: "refused", Reason: "silence"},
	}
	for name, want := range map[string]string{
		"waybar": `{"text":"paused","alt":"paused","tooltip":"vocoder: paused (session \u0026lt;locked\u0026gt;)\n` +
			`muted \u0026amp; off\n2 kept to be retried\nlast: refused (silence)","class":"paused"}`,
		"i3status": `[{"name":"vocoder","full_text":"vocoder: paused (session \u003clocked\u003e); muted \u0026 off; ` +
			`2 kept to be retried; last: refused (silence)","short_text":"paused","color":"#888888"}],`,
	} {
		got, err := formats[name].line(shown{Status: s})
		if err != nil || got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	idle, err := waybar(shown{Status: control.Status{State: control.Idle, Key: "F13"}})
	if want := `{"text":"","alt":"idle","tooltip":"vocoder: idle\nhold F13 and speak","class":"idle"}`; err != nil || idle != want {
		t.Errorf("got %s, want %s", idle, want)
	}
}

func TestPage(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	got := page(control.Status{
		Running: "running", Tool: "uinput", State: control.Problem, Since: now.Add(-90 * time.Second), Kept: 1,
		Lacks: map[control.Part]string{"recogniser": "no answer"}, Key: "F13", Version: "1.2",
		Last: control.End{Outcome: "kept", Reason: "recogniser", At: now.Add(-time.Minute)},
	}, now)
	want := `Vocoder Daemon Status:
  status: running
  typing_tool: uinput
  recording: False
  state: problem, for 1m30s
  recogniser: no answer
  key: F13
  waiting: 0
  kept: 1 (vocoderctl retry)
  last: kept (recogniser), 1m0s ago
  version: 1.2
`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// The status says that a retry types what was refused as no speech, if it does.
func TestInsist(t *testing.T) {
	for _, tt := range []struct {
		outcome       control.Outcome
		reason        string
		kept, refused int
		want          bool
	}{
		{"refused", "silence", 0, 1, true}, {"refused", "not speech", 0, 2, true},
		{"refused", "not speech", 0, 0, false}, {"refused", "not speech", 1, 1, false},
		{"refused", "slip", 0, 1, false}, {"typed", "", 0, 1, false},
	} {
		s := control.Status{Kept: tt.kept, Refused: tt.refused, Last: control.End{Outcome: tt.outcome, Reason: tt.reason}}
		if got := strings.Contains(page(s, time.Time{}), "(vocoderctl retry types it all the same)"); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

func TestSocketPath(t *testing.T) {
	usual := fmt.Sprintf("/run/user/%d/vocoder.sock", os.Getuid())
	for dir, want := range map[string]string{"/run/user/7": "/run/user/7/vocoder.sock", "": usual, "run/user/7": usual} {
		if got := (&cli{runtimeDir: dir}).client().Path; got != want {
			t.Errorf("%q: %s, want %s", dir, got, want)
		}
	}
}

// TestPrintable: a text and a status do nothing to a terminal, whatever is in them.
// TestLeftOut: what was left out of the last text is shown apart from it, with the reason.
func TestLeftOut(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, &fake{text: "said words", leftOut: "Thanks\x1b for watching.", reason: "not speech: a stock phrase"})
	if status, out, errs := run(t, dir, "last", "--print"); status != exitDone || out != "said words\n" || errs != "not typed (not speech: a stock phrase): Thanks for watching.\n" {
		t.Errorf("%d, %q, %q", status, out, errs)
	}
	want := `{"text":"said words","left_out":"Thanks for watching.","reason":"not speech: a stock phrase"}` + "\n"
	if status, out, errs := run(t, dir, "last", "--print", "--json"); status != exitDone || out != want || errs != "" {
		t.Errorf("%d, %q, %q", status, out, errs)
	}
}

func TestPrintable(t *testing.T) {
	const hostile = "a\x1b]0;title\x07\u009b31m\u202eb\rc"
	dir := t.TempDir()
	start(t, dir, &fake{text: hostile + "\nline", now: control.Status{
		Key: hostile, Language: hostile, LanguageNote: hostile, Lacks: map[control.Part]string{control.Recognizer: hostile + strings.Repeat("x", 5000)},
		Last: control.End{Outcome: control.Kept, Reason: hostile},
	}})
	for _, args := range []string{"last --print", "last --print --json", "status", "status --json"} {
		status, out, errs := run(t, dir, strings.Fields(args)...)
		if status != exitDone || out == "" || !printable.IsText(out) || errs != "" {
			t.Errorf("%s: %d, %q, %q", args, status, out, errs)
		}
		for line := range strings.Lines(out) {
			if len(line) > 2000 && !strings.HasSuffix(args, "--json") {
				t.Errorf("%s: a line of %d bytes", args, len(line))
			}
		}
	}
	if _, out, _ := run(t, dir, "last", "--print"); out != "a]0;title31mbc\nline\n" {
		t.Errorf("%q", out)
	}
}

// TestOnTerminal: in a terminal, start and toggle say that the microphone is open, and the
// status is a table.
func TestOnTerminal(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, &fake{now: control.Status{Key: "KEY_F13", Lacks: map[control.Part]string{control.Key: "no device has the key"}}})
	for _, tt := range []struct{ args, want string }{
		{"", "✓ listening; `vocoderctl stop` ends it and types, `vocoderctl cancel` discards it\n"},
		{"toggle", "✓ stopped\n"},
		{"start", "✓ listening; `vocoderctl stop` ends it and types, `vocoderctl cancel` discards it\n"},
		{"stop", "✓ stopped\n"},
		{"status", "problem     no device has the key\nkey         KEY_F13\n"},
	} {
		var out, errs bytes.Buffer
		a := &cli{stdout: &out, stderr: &errs, runtimeDir: dir, terminal: true}
		if status := a.main(t.Context(), strings.Fields(tt.args)); status != exitDone || !strings.Contains(out.String(), tt.want) || errs.Len() > 0 {
			t.Errorf("%q: status %d, %q, %q; want %q", tt.args, status, &out, &errs, tt.want)
		}
	}
}

// TestTask: a task is one of three words.
func TestTask(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, &fake{})
	for _, tt := range []struct {
		args   []string
		status int
		out    string
	}{
		{[]string{"task", "translate"}, exitDone, "✓ task translate\n"},
		{[]string{"task", "default"}, exitDone, "✓ task default\n"},
		{[]string{"task", "sing"}, exitUsage, "want one of translate, transcribe, default"},
		{[]string{"task"}, exitUsage, "want one of translate, transcribe, default"},
	} {
		status, out, errs := run(t, dir, tt.args...)
		if status != tt.status || !strings.Contains(out+errs, tt.out) {
			t.Errorf("%q: status %d, %q, %q", tt.args, status, out, errs)
		}
	}
}
