package capture

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// soon is how long a real server may take for what takes it a second on an idle machine.
const soon = 2 * time.Minute

// values counts the positive, negative and zero samples of a clip.
func (h *held) values() (plus, minus, zero int) {
	for _, v := range h.clip.Samples {
		switch {
		case v > 0:
			plus++
		case v < 0:
			minus++
		default:
			zero++
		}
	}
	return plus, minus, zero
}

// atLeast checks that the clip has that much sound of the first speaker.
func (h *held) atLeast(t *testing.T, d time.Duration) {
	t.Helper()
	if plus, _, _ := h.values(); int64(plus) < samples(d) {
		t.Errorf("%d samples of speech, want at least %v; error: %v", plus, d, h.err)
	}
}

func (h *held) fails(t *testing.T, want error) {
	t.Helper()
	if !errors.Is(h.err, want) {
		t.Errorf("error %v, want %v", h.err, want)
	}
}

// F-12: the server dies between recordings.
func TestServerRestartsIdle(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		r.kill()
		m.until(soon, "waiting", func(s State) bool { return !s.Ready() })
		r.up()
		r.speak(r.fifo, 1)
		m.ready(soon)
		h := m.hold()
		m.hears(1, 800*time.Millisecond)
		h.letGo()
		if h.err != nil {
			t.Fatal(h.err)
		}
		h.atLeast(t, 800*time.Millisecond)
	})
}

// F-12: the server dies during a recording, and comes back.
func TestServerRestartsMidHold(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		r.speak(r.fifo, 1)
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		h := m.hold()
		m.hears(1, 800*time.Millisecond)
		r.kill()
		m.expect(Broken, soon)
		r.up()
		r.speak(r.fifo, -1)
		m.ready(soon)
		m.hears(-1, 800*time.Millisecond)
		h.letGo()
		h.fails(t, ErrGap)
		h.atLeast(t, 800*time.Millisecond)
		if _, minus, _ := h.values(); int64(minus) < samples(800*time.Millisecond) {
			t.Errorf("%d samples from after the restart", minus)
		}
		t.Log(h.clip.Duration(), h.err)
	})
}

// F-12: the server dies during a recording, and stays dead.
func TestServerDiesMidHold(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		r.speak(r.fifo, 1)
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		h := m.hold()
		m.hears(1, 800*time.Millisecond)
		r.kill()
		m.expect(Broken, soon)
		h.letGo()
		h.fails(t, ErrGap)
		h.atLeast(t, 800*time.Millisecond)
	})
}

// F-13: the default is followed at the next press, and not before.
func TestDefaultChanges(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		other := filepath.Join(r.dir, "mic2")
		r.pactl("load-module", "module-pipe-source", "source_name=mic2", "file="+other, "format=s16le", "rate=16000", "channels=1")
		r.pactl("set-default-source", "mic")
		r.speak(r.fifo, 1)
		r.speak(other, -1)
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		h := m.hold()
		m.hears(1, 400*time.Millisecond)
		r.pactl("set-default-source", "mic2")
		m.hears(1, 400*time.Millisecond)
		h.letGo()
		if _, minus, _ := h.values(); minus > 0 || h.err != nil {
			t.Errorf("%d samples of the new default, error %v", minus, h.err)
		}
		h.atLeast(t, 800*time.Millisecond)

		h = m.hold()
		m.hears(-1, 500*time.Millisecond)
		h.letGo()
		if plus, minus, _ := h.values(); plus > 0 || int64(minus) < samples(500*time.Millisecond) || h.err != nil {
			t.Errorf("after the change: %d samples of the old default, %d of the new, error %v", plus, minus, h.err)
		}
		// A change of the volume does not end the stream.
		h = m.hold()
		r.pactl("set-source-volume", "mic2", "100%")
		m.hears(-1, 600*time.Millisecond)
		h.letGo()
		if _, minus, _ := h.values(); int64(minus) < samples(600*time.Millisecond) || h.err != nil {
			t.Errorf("volume changed: %d samples, error %v", minus, h.err)
		}
	})
}

// F-14: the microphone is removed during a recording.
func TestMicrophoneRemoved(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		r.speak(r.fifo, 1)
		m := runMic(t, Config{Server: r.socket, Source: "mic"})
		m.ready(soon)
		h := m.hold()
		m.hears(1, 800*time.Millisecond)
		r.pactl("unload-module", "module-pipe-source")
		removed := time.Since(h.press)
		m.expect(Broken, soon)
		m.until(soon, "without microphone", func(s State) bool { return errors.Is(s.Err, ErrSource) })
		h.letGo()
		h.fails(t, ErrGap)
		h.atLeast(t, 800*time.Millisecond)
		if n := int64(len(h.clip.Samples)); n > samples(removed+500*time.Millisecond) {
			t.Errorf("%d samples: something else was recorded", n)
		}
	})
}

// F-15: there is no server, and later no microphone, at the start.
func TestNothingThere(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		r.kill()
		m := runMic(t, Config{Server: r.socket})
		m.until(soon, "without server", func(s State) bool { return errors.Is(s.Err, ErrServer) })
		h := m.hold()
		m.expect(Unready, soon)
		h.letGo()
		h.fails(t, ErrServer)

		r.up()
		m.ready(soon)
		r.pactl("unload-module", "module-pipe-source")
		m.until(soon, "without microphone", func(s State) bool { return errors.Is(s.Err, ErrSource) })
		m.record(300*time.Millisecond).fails(t, ErrSource)

		r.pactl("load-module", "module-pipe-source", "source_name=mic", "file="+r.fifo, "format=s16le", "rate=16000", "channels=1")
		r.pactl("set-default-source", "mic")
		m.ready(soon)
		r.speak(r.fifo, 1)
		h = m.hold()
		m.hears(1, 700*time.Millisecond)
		h.letGo()
		h.atLeast(t, 700*time.Millisecond)
	})
}

// F-16: the microphone is muted, or delivers only zeros.
func TestSilentMicrophone(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		r.speak(r.fifo, 0)
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		h := m.hold()
		m.expect(Silent, soon)
		h.letGo()

		r.pactl("set-source-mute", "mic", "1")
		muted := func(s State) bool { return s.Ready() && s.Muted }
		m.until(soon, "muted", muted)
		h = m.hold()
		<-m.well // the earlier problem is over
		m.expect(Muted, soon)
		r.pactl("set-source-mute", "mic", "0")
		m.until(soon, "unmuted", func(s State) bool { return !muted(s) })
		<-m.well
		h.letGo()
		for len(m.problems) > 0 {
			if <-m.problems == Muted { // Silent may follow: the samples are still zero
				t.Error("muted is reported again")
			}
		}
	})
}

// F-16: no sound comes any more, and no reason is given.
func TestServerStalls(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, r *rig) {
		r.speak(r.fifo, 1)
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		h := m.hold()
		m.hears(1, 800*time.Millisecond)
		r.signal(syscall.SIGSTOP)
		m.expect(Stalled, soon)
		h.letGo()
		if took := time.Since(h.release); took > 10*(testTail+stallTimeout) {
			t.Errorf("returned %v after the release", took)
		}
		h.fails(t, ErrGap)
		h.atLeast(t, 800*time.Millisecond)

		r.signal(syscall.SIGCONT)
		m.ready(soon)
		h = m.hold()
		m.hears(1, 700*time.Millisecond)
		h.letGo()
		if h.err != nil {
			t.Error(h.err)
		}
		h.atLeast(t, 700*time.Millisecond)
	})
}
