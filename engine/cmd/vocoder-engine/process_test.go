package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/internal/onnxtest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// unitMemory is MemoryMax of vocoder-engine.service for the usual models.
const unitMemory = 2 << 30

// An engineProcess is the engine in a process of its own.
type engineProcess struct {
	engine
	pid int
}

// startProcess starts the engine as its unit does.
func startProcess(t *testing.T, s models.Store) engineProcess {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path + "n", Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	log := new(bytes.Buffer)
	cmd := exec.Command(os.Args[0], "serve", "--addr", "unix:"+path, "--models", s.Dir, "--model", "made", "--threads", "1")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+path+"n", "GOMAXPROCS=4", "GOMEMLIMIT=1400MiB")
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, log)
		}
	})
	if err := notify.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	if n, err := notify.Read(b); err != nil || string(b[:n]) != "READY=1" {
		t.Fatalf("notified %q, %v: %s", b[:n], err, log)
	}
	return engineProcess{engine{client: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}}, cmd.Process.Pid}
}

// most returns the most memory that a process and its children ever had, in bytes.
func most(t *testing.T, pid int) (sum int64) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	children, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	sum = n << 10
	for _, c := range children {
		b, err := os.ReadFile(c)
		if err != nil {
			t.Fatal(err)
		}
		for child := range strings.FieldsSeq(string(b)) {
			n, err := strconv.Atoi(child)
			if err != nil {
				t.Fatal(err)
			}
			sum += most(t, n)
		}
	}
	return sum
}

// TestFullDisk: the engine writes no file, so that a full disk does not matter.
func TestFullDisk(t *testing.T) {
	librarytest.Need(t)
	s := models.Store{Dir: t.TempDir()}
	pullMade(t, s, onnxtest.CTC)
	e := startProcess(t, s)
	// The worker, which does not run yet, inherits the limit. A write to a file would end it.
	if err := unix.Prlimit(e.pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 0, Max: 0}, nil); err != nil {
		t.Fatal(err)
	}
	if status, text := e.transcribe(t, babble()); status != http.StatusOK || text != "alpha" {
		t.Errorf("%d %q", status, text)
	}
}

// speechOf returns a WAV file of so many seconds of noise, without holding it.
func speechOf(seconds, rate, channels int) io.Reader {
	second := make([]byte, 2*rate*channels)
	noise := babble()
	for i := range rate * channels {
		binary.LittleEndian.PutUint16(second[2*i:], uint16(noise.Samples[i%len(noise.Samples)]))
	}
	head := pcm.Clip{Rate: rate}.WAV()
	binary.LittleEndian.PutUint16(head[22:], uint16(channels))
	binary.LittleEndian.PutUint32(head[28:], uint32(2*rate*channels))
	binary.LittleEndian.PutUint16(head[32:], uint16(2*channels))
	binary.LittleEndian.PutUint32(head[4:], uint32(36+seconds*len(second)))
	binary.LittleEndian.PutUint32(head[40:], uint32(seconds*len(second)))
	all := []io.Reader{bytes.NewReader(head)}
	for range seconds {
		all = append(all, bytes.NewReader(second))
	}
	return io.MultiReader(all...)
}

// send sends a WAV file that is made while it is sent.
func (e engine) send(t *testing.T, wav io.Reader) (status int, a answer) {
	t.Helper()
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		p, err := form.CreateFormFile("file", "speech.wav")
		if err == nil {
			_, err = io.Copy(p, wav)
		}
		if err == nil {
			err = form.Close()
		}
		_ = w.CloseWithError(err)
	}()
	resp, err := e.client.Post("http://engine/v1/transcribe", form.FormDataContentType(), r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, a
}

// TestHour: an hour of speech, also in the largest form, is recognized in the memory of the
// unit, and more than an hour is refused.
func TestHour(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends 800 MB of sound")
	}
	librarytest.Need(t)
	s := models.Store{Dir: t.TempDir()}
	pullMade(t, s, onnxtest.CTC)
	for _, tt := range []struct {
		name                    string
		seconds, rate, channels int
		status                  int
	}{
		{"an hour as vocoder sends it", 3600, 16000, 1, http.StatusOK},
		{"an hour at 48 kHz in stereo", 3600, 48000, 2, http.StatusOK},
		{"more", 3601, 16000, 1, http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := startProcess(t, s)
			begin := time.Now()
			status, a := e.send(t, speechOf(tt.seconds, tt.rate, tt.channels))
			words := len(strings.Fields(a.Text))
			memory := most(t, e.pid)
			t.Logf("%d words in %v, at most %d MB", words, time.Since(begin).Round(time.Second), memory>>20)
			if status != tt.status || status == http.StatusOK && words < tt.seconds/30 {
				t.Errorf("%d %+v, %d words", status, a.Error, words)
			}
			if memory > unitMemory*3/4 {
				t.Errorf("%d MB of the unit's %d", memory>>20, unitMemory>>20)
			}
			if status, text := e.transcribe(t, babble()); status != http.StatusOK || text != "alpha" {
				t.Errorf("afterwards: %d %q", status, text)
			}
		})
	}
}
