package daemon

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/test/isolated"
	"github.com/arealicehole/vocoder/internal/test/recognizer"
	"github.com/arealicehole/vocoder/internal/test/tty"
)

// TestTerminalChild is the daemon of TestTerminal: without a key, a microphone and a
// recognizer.
func TestTerminalChild(t *testing.T) {
	dir := os.Getenv("VOCODER_TEST_TERMINAL")
	if dir == "" {
		t.Skip("TestTerminal runs this")
	}
	cfg := settings.Default()
	cfg.Whisper[0].URL, cfg.Bindings[0].Device = recognizer.Absent(t)+"/v1/transcribe", "no device of this host"
	vars := map[string]string{"XDG_RUNTIME_DIR": dir, "HOME": dir, "PULSE_SERVER": filepath.Join(dir, "none"), "TERM": "xterm"}
	env := environ.Env{Stdin: os.Stdin, Stdout: io.Discard, Stderr: os.Stderr, Lookup: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}}
	o := Options{Env: env, Store: settings.Store{Env: env}, Config: cfg, Load: func(environ.Env) (settings.Loaded, error) { return cfg, nil }}
	o.edges.devices.Open = func() (typing.Device, typing.PhysicalKeys, error) { return &paper{}, noKeysDown{}, nil }
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	os.Exit(0) // the test program could not print its result
}

// TestTerminal runs the daemon in a terminal. After Ctrl-S it carries out commands. SIGHUP reloads the
// settings, and ends the daemon if the terminal is closed.
func TestTerminal(t *testing.T) {
	master, pts := tty.Open(t)
	tty.Resize(t, master, 1000) // wide enough for the whole line
	if err := master.SetReadDeadline(time.Now().Add(worldLimit)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // under nohup(1) the child would ignore it too
	t.Cleanup(func() { signal.Reset(syscall.SIGHUP) })
	child := exec.Command(os.Args[0], "-test.run", "^TestTerminalChild$", "-test.timeout", "5m")
	child.Env = isolated.Environ(dir, "VOCODER_TEST_TERMINAL="+dir, "DBUS_SYSTEM_BUS_ADDRESS=unix:path="+filepath.Join(dir, "no-bus"))
	child.Stdin, child.Stdout, child.Stderr = pts, pts, pts
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	_ = pts.Close() // the child has it
	screen := tty.NewScreen(t, 1000)
	screen.Until(master, regexp.MustCompile(`^idle|^problem|^starting`))

	if _, err := master.Write([]byte{'S' - '@'}); err != nil { // Ctrl-S
		t.Fatal(err)
	}
	client := control.Client{Path: control.Path(dir)}
	do := func(c control.Command) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), worldLimit)
		defer cancel()
		if _, err := client.Do(ctx, c); err != nil {
			t.Fatalf("%s: %v", c, err)
		}
	}
	for range 3 { // each draws the line
		do(control.Resume)
		do(control.Pause)
	}
	if _, err := master.Write([]byte{'Q' - '@'}); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	screen.Until(master, regexp.MustCompile(`^paused`)) // the line is drawn again
	do(control.Reload)                                  // waits for the reload before it
	if err := master.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(worldLimit):
		_ = child.Process.Kill()
		t.Error("the terminal is closed, and the daemon goes on")
	}
}
