package dictate

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// TestStatus follows two dictations: what is under way is counted once, as what it is.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(3 * time.Second)})
		want := func(what string, want Status) {
			t.Helper()
			got := r.now()
			got.Last, got.Ends, got.Trouble = Ended{}, 0, nil
			if got != want {
				t.Errorf("%s: %+v, want %+v", what, got, want)
			}
		}
		down := func(is bool) { r.keys <- key.Event{Down: is, At: time.Now()} }
		down(true)
		want("the user speaks", Status{Recording: true, Utterance: 1})
		time.Sleep(time.Second)
		down(false)
		time.Sleep(time.Second)
		want("it is transcribed", Status{Waiting: 1})
		down(true)
		want("the user speaks again", Status{Recording: true, Utterance: 2, Waiting: 1})
		time.Sleep(time.Second)
		down(false)
		time.Sleep(1225 * time.Millisecond)
		want("the first is typed", Status{Typing: true, Waiting: 2})
		time.Sleep(time.Second)
		want("it is typed", Status{Waiting: 1})
		time.Sleep(10 * time.Second)
		want("both are", Status{})
		r.wantTyped("1.2s", "1.2s")
		r.stop()
	})
}

// TestStatusSound: what can be retried is counted with its sound, and what is lost at the
// end with what is under way then.
func TestStatusSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fate, answer := error(Refusal(NotSpeech)), time.Second
		r := start(t, scribe{delay: func(time.Duration) time.Duration { return answer }, err: func() error { return fate }})
		r.hold(800 * time.Millisecond)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		fate = errors.New("503")
		for range 2 {
			r.hold(1800 * time.Millisecond)
			time.Sleep(5 * time.Second)
		}
		if s := r.now(); s.Refused != 1 || s.Kept != 2 || s.Sound != 5*time.Second {
			t.Errorf("status %+v, want one refused and two kept, of 5 s", s)
		}
		synctest.Wait()
		answer = time.Hour
		r.hold(time.Second)
		r.stop()
		if r.lost != 3 {
			t.Errorf("%d lost at the end, want 3", r.lost)
		}
	})
}

// TestStatusLost: each utterance that is forgotten because its time is over is counted.
func TestStatusLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(time.Second), err: func() error { return errors.New("503") }})
		for range 2 {
			r.hold(time.Second)
			time.Sleep(5 * time.Second)
		}
		if s := r.now(); s.Kept != 2 || s.Lost != 0 {
			t.Errorf("status %+v, want two kept", s)
		}
		time.Sleep(policy.Keep)
		if s := r.now(); s.Kept != 0 || s.Lost != 2 {
			t.Errorf("status %+v, want two lost", s)
		}
		r.hold(time.Second)
		time.Sleep(5 * time.Second)
		r.send(Clear{})
		if s := r.now(); s.Kept != 0 || s.Lost != 2 {
			t.Errorf("status %+v: what the user clears is not lost", s)
		}
		r.stop()
	})
}

// TestTrouble: the status and the log say which stage failed. A text that a press stopped
// is no failure.
func TestTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(0)})
		r.hold(time.Second)
		time.Sleep(165 * time.Millisecond) // the tail, and a character
		r.hold(time.Second)
		if s := r.now(); s.Trouble != nil {
			t.Errorf("a press stopped the typing: %v", s.Trouble)
		}
		time.Sleep(5 * time.Second)
		r.wantTyped("1.2s", "1.2s")
		synctest.Wait()
		if log := r.log.String(); strings.Contains(log, "ERROR") {
			t.Errorf("nothing failed, and the log has\n%s", log)
		}
		r.page.err = errors.New("the keyboard is gone")
		r.hold(time.Second)
		time.Sleep(5 * time.Second)
		if s := r.now(); !errors.Is(s.Trouble, r.page.err) {
			t.Errorf("trouble %v, want %v", s.Trouble, r.page.err)
		}
		synctest.Wait()
		if log := r.log.String(); !strings.Contains(log, "level=ERROR msg=type") || !strings.Contains(log, r.page.err.Error()) {
			t.Errorf("the log has no failure of typing:\n%s", log)
		}
		r.stop()
	})
}

// TestAwayForLong: a text that waits while the session is not in use is kept in time, also
// if nothing else happens.
func TestAwayForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(time.Second)})
		r.hold(time.Second)
		r.send(Away{Session, time.Now()})
		time.Sleep(policy.Stale - time.Second)
		if s := r.now(); s.Waiting != 1 || s.Kept != 0 {
			t.Errorf("status %+v, want one waiting", s)
		}
		time.Sleep(2 * time.Second) // and nothing else happens
		if s := r.now(); s.Waiting != 0 || s.Kept != 1 || s.Sound != 0 {
			t.Errorf("status %+v, want one kept, without its sound", s)
		}
		if r.mic.sound(0).wiped.Load() != 1 {
			t.Error("the sound of a text that is kept is still there")
		}
		r.send(Back{Session, time.Now()})
		r.send(Retry{time.Now()})
		time.Sleep(time.Second)
		r.wantTyped("1.2s")
		r.stop()
	})
}

// TestNap: a sleep of the machine counts only itself, however long the machine slept on
// earlier days.
func TestNap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(time.Second)})
		r.hold(time.Second)
		r.asleep.Add(int64(policy.Stale / 2))
		time.Sleep(5 * time.Second)
		r.wantTyped("1.2s")
		r.stop()
	})
}

// TestNoDeadline: without a limit a recording has nothing to wait for, and Run sleeps.
func TestNoDeadline(t *testing.T) {
	s, p := State{}, policy
	p.MaxHold = 0
	for _, ev := range []Event{Press{At: epoch}, Expire{epoch.Add(24 * time.Hour)}} {
		s, _ = Step(s, p, ev)
		if at := s.Deadline(p); !at.IsZero() || s.recording() == nil {
			t.Errorf("after %#v: the deadline is %v, and the recording %v", ev, at, s.recording())
		}
	}
}

// TestModes: each binding has its own mode, and one without is Hold.
func TestModes(t *testing.T) {
	p := policy
	p.Modes = []Mode{Toggle, Auto}
	for binding, want := range map[int]bool{-1: false, 0: true, 1: true, 2: false, 70: false} {
		s, _ := Step(State{}, p, Press{binding, epoch})
		s, _ = Step(s, p, Release{Binding: binding, At: epoch.Add(p.Tap - 1)})
		if got := s.recording() != nil; got != want {
			t.Errorf("binding %d goes on without the key: %v, want %v", binding, got, want)
		}
	}
}

// TestForcedKeyEvent: only a release by the user can be a tap that has a recording go on.
func TestForcedKeyEvent(t *testing.T) {
	for cause, want := range map[key.Cause]bool{key.Physical: true, key.Gone: false, key.Ceded: false} {
		s, _ := Step(State{}, policy, KeyEvent(key.Event{Binding: 2, Down: true, At: epoch}))
		s, _ = Step(s, policy, KeyEvent(key.Event{Binding: 2, At: epoch.Add(policy.Tap - 1), Cause: cause}))
		if got := s.recording() != nil; got != want {
			t.Errorf("a release of cause %v: it records %v, want %v", cause, got, want)
		}
	}
}

// TestNoSoundLimit: without a limit the sound of all that is kept stays.
func TestNoSoundLimit(t *testing.T) {
	s, p := State{}, policy
	p.Sound, p.MaxHold = 0, 0
	for id := ID(1); id <= Backlog; id++ {
		for _, ev := range []Event{Begin{At: epoch}, End{epoch}, Recorded{ID: id, Length: 24 * time.Hour}, Failed{id, epoch}} {
			s, _ = Step(s, p, ev)
		}
	}
	if s.kept.n != Backlog {
		t.Errorf("%d are kept, want %d", s.kept.n, Backlog)
	}
}

// TestRetryFull: of more kept utterances than have room, a retry takes the oldest, and the
// others stay.
func TestRetryFull(t *testing.T) {
	s := State{}
	for id := ID(1); id <= Backlog+2; id++ {
		for _, ev := range []Event{Begin{At: epoch}, End{epoch}, Recorded{ID: id, Length: time.Second}} {
			s, _ = Step(s, policy, ev)
		}
		if id <= Backlog {
			s, _ = Step(s, policy, Failed{id, epoch})
		}
	}
	s, do := Step(s, policy, Retry{epoch})
	if s.queue.n != Backlog || s.kept.n != 2 || len(do) != Backlog-2 || do[0] != (Transcribe{ID: 1}) {
		t.Errorf("%s: %d under way, %d kept", format(do), s.queue.n, s.kept.n)
	}
}
