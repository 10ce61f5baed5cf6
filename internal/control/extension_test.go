package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// findExtension returns the path of the interpreter of GNOME Shell's extension, and of its
// folder.
func findExtension(t *testing.T) (gjs, folder string) {
	t.Helper()
	gjs, err := exec.LookPath("gjs")
	if err != nil {
		if os.Getenv("VOCODER_REAL") != "" {
			t.Fatal("gjs is not installed: make deps-gnome")
		}
		t.Skip("gjs is not installed; make test installs it")
	}
	folder, err = filepath.Abs("../../packaging/gnome/vocoder@arealicehole.github.io")
	if err != nil {
		t.Fatal(err)
	}
	return gjs, folder
}

// TestExtensionParses: each file of the extension is a module.
func TestExtensionParses(t *testing.T) {
	gjs, extension := findExtension(t)
	files, err := filepath.Glob(filepath.Join(extension, "*.js"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	out, err := exec.CommandContext(t.Context(), gjs, append([]string{"-m", "testdata/parse.js"}, files...)...).CombinedOutput()
	if err != nil || string(out) != strings.Join(files, "\n")+"\n" {
		t.Errorf("%s, %v", out, err)
	}
}

// TestExtension: the socket of GNOME Shell's extension finds the daemon when it starts, shows
// its events, says what has the focus, and finds the next daemon.
func TestExtension(t *testing.T) {
	gjs, extension := findExtension(t)
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	program := exec.CommandContext(ctx, gjs, "-m", "testdata/extension.js", extension)
	program.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "GIO_USE_VFS=local")
	program.Stderr = t.Output()
	in, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	type line struct {
		Status *Status
		Level  *Level
		Words  *Partial
	}
	next := func() (l line) {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("the program has ended: %v", lines.Err())
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", lines.Bytes(), err)
		}
		return l
	}
	if l := next(); l.Status != nil {
		t.Errorf("without a daemon: %+v", l)
	}
	focus := make(chan Focus, 10)
	var fails atomic.Int32 // how many of the next PUTs
	begin := func() (f *fake, end func()) {
		t.Helper()
		l, err := Listen(filepath.Join(dir, "vocoder.sock"))
		if err != nil {
			t.Fatal(err)
		}
		f = &fake{now: Status{Overlay: Overlay{Show: "words"}}}
		f.server = &Server{Daemon: f, Log: slog.New(slog.DiscardHandler), SetFocus: func(_ context.Context, _ int, one Focus) error {
			if fails.Add(-1) >= 0 {
				return errors.New("busy")
			}
			focus <- one
			return nil
		}}
		f.server.Show(f.now)
		life, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- f.server.Run(life, l) }()
		return f, func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	for i := range 2 {
		f, end := begin()
		l := next()
		for l.Status == nil { // it was there a moment before it answers
			l = next()
		}
		if l.Status.State != Idle {
			t.Errorf("the daemon has come: %+v", l.Status)
		}
		if i == 0 {
			next() // it asks again, now for words too
		}
		seen := func(what string, is func(line) bool) {
			t.Helper()
			for range 10 {
				if is(next()) {
					return
				}
			}
			t.Errorf("not seen: %s", what)
		}
		write(t, in, "post start\n")
		seen("listening", func(l line) bool { return l.Status != nil && l.Status.State == Listening })
		if !f.server.WordsWanted() {
			t.Fatal("it asks for no words")
		}
		f.server.Peak(0)
		f.server.ShowWords(Partial{Stable: "hé ", Provisional: "<wo"})
		level, words := false, false
		for !level || !words {
			l := next()
			level = level || l.Level != nil && l.Level.Level == 100
			words = words || l.Words != nil && *l.Words == Partial{"hé ", "<wo"}
		}
		fails.Store(1) // it tries again
		write(t, in, `put desktop {"source":"xkb:de","app":"é","window":"1","password":true}`+"\n")
		if got, want := <-focus, (Focus{"xkb:de", "é", "1", true, false}); got != want {
			t.Errorf("the focus is %+v", got)
		}
		end()
		seen("the daemon has gone", func(l line) bool { return l == line{} })
	}
	_, end := begin()
	defer end()
	write(t, in, "stop\n")
	if got := <-focus; got != (Focus{}) {
		t.Errorf("at the end it says %+v", got)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if s := lines.Text(); !strings.Contains(s, "status") {
			t.Errorf("after the end: %s", s)
		}
	}
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, w io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
}
