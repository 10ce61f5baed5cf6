package screen

import (
	"bufio"
	"context"
	"image"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/hostdisplay"
)

// TestServerHangs: an X server that does not answer delays no end of the overlay.
func TestServerHangs(t *testing.T) {
	hostdisplay.Need(t, "Xvfb")
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{out}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	_ = out.Close()
	display, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w, err := openWindow(ctx, ":"+strings.TrimSpace(display), "", Place{Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	blank := func(*image.RGBA, float64) {}
	if err := w.Draw(blank); err != nil {
		t.Fatal(err)
	}
	if err := server.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	drawn := make(chan error, 1)
	go func() { drawn <- w.Draw(blank) }()
	select {
	case err := <-drawn:
		t.Fatalf("drawn (%v) by a server that does not run", err)
	case <-time.After(time.Second):
	}
	cancel()
	select {
	case err := <-drawn:
		if err == nil {
			t.Error("no error of a connection that was ended")
		}
	case <-time.After(time.Minute):
		t.Error("it still waits for the server")
	}
}
