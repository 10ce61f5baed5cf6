package dictate

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(3 * time.Second)})
		for _, ms := range []int{900, 100, 1500} { // the second is a slip
			r.hold(time.Duration(ms) * time.Millisecond)
		}
		r.hold(2 * time.Minute) // past the maximum
		time.Sleep(10 * time.Second)
		r.wantTyped("1.1s", "1.7s", "1m0.2s")
		r.stop()
	})
}

// The answers come in reverse; the texts do not (F-08).
func TestRunOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: func(length time.Duration) time.Duration { return 20*time.Second - 10*length }})
		for i := range 5 {
			r.hold(time.Duration(300+100*i) * time.Millisecond)
		}
		time.Sleep(time.Minute)
		r.wantTyped("500ms", "600ms", "700ms", "800ms", "900ms")
		r.stop()
	})
}

// A press stops the typing at the next character, and nothing is typed twice.
func TestRunPressStopsTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(0)})
		r.hold(900 * time.Millisecond)
		time.Sleep(165 * time.Millisecond) // the tail, and a character
		synctest.Wait()
		r.keys <- key.Event{Down: true, At: time.Now()}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := r.page.text.String(); len(got) == 0 || len(got) > 3 {
			t.Errorf("typed %q while the key was down, want the first characters of 1.1s", got)
		}
		r.keys <- key.Event{At: time.Now()}
		time.Sleep(5 * time.Second)
		r.wantTyped("1.1s", "2.2s")
		r.stop()
	})
}

// A recognizer that fails loses nothing: the utterance is kept, and a retry types
// it.
func TestRunRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		r := start(t, scribe{delay: after(time.Second), err: func() error {
			if down {
				return errors.New("connection refused")
			}
			return nil
		}})
		r.hold(400 * time.Millisecond)
		time.Sleep(5 * time.Second)
		r.wantTyped()
		if status := r.now(); status.Kept != 1 || status.Trouble == nil {
			t.Errorf("status %+v, want one kept and the trouble", status)
		}
		before := r.now()
		r.send(Retry{time.Now()})
		time.Sleep(5 * time.Second)
		if s := r.now(); s.Last != before.Last || s.Ends != before.Ends+1 {
			t.Errorf("after a retry that failed too: %+v, before it %+v", s, before)
		}
		down = false
		r.hold(600 * time.Millisecond)
		time.Sleep(5 * time.Second)
		r.send(Retry{time.Now()})
		time.Sleep(5 * time.Second)
		r.wantTyped("800ms", "600ms")
		r.stop()
	})
}

// What was refused is typed when the user insists, within the time for it, and
// its sound is gone after that. It is not kept, and not lost at exit.
func TestRunInsist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(time.Second), err: func() error { return Refusal(NotSpeech) }})
		for _, ms := range []int{400, 600} {
			r.hold(time.Duration(ms) * time.Millisecond)
			time.Sleep(5 * time.Second)
		}
		r.wantTyped()
		want := Ended{2, Refused, NotSpeech, true}
		if s := r.now(); s.Kept != 0 || s.Refused != 2 || s.Last != want || s.Trouble != nil {
			t.Errorf("status %+v", s)
		}
		r.send(Retry{time.Now()})
		time.Sleep(5 * time.Second)
		r.wantTyped("800ms")
		time.Sleep(policy.Keep)
		r.send(Retry{time.Now()})
		time.Sleep(5 * time.Second)
		r.wantTyped("800ms")
		if s := r.now(); s.Refused != 0 {
			t.Errorf("status %+v", s)
		}
		for _, s := range r.mic.sounds {
			if s.wiped.Load() == 0 {
				t.Error("a recording is still there")
			}
		}
		r.hold(400 * time.Millisecond)
		time.Sleep(5 * time.Second)
		r.stop()
		if strings.Contains(r.log.String(), "lost at exit") || strings.Contains(r.log.String(), "forgotten") {
			t.Errorf("it is logged as a loss:\n%s", r.log)
		}
	})
}

// At the end of the program Run finishes what is under way, within the grace.
func TestRunQuit(t *testing.T) {
	for name, tt := range map[string]struct {
		answer time.Duration
		want   []string
		lost   bool
	}{
		"in time":  {5 * time.Second, []string{"1.2s"}, false},
		"too late": {15 * time.Second, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, scribe{delay: after(tt.answer)})
				r.keys <- key.Event{Down: true, At: time.Now()}
				time.Sleep(time.Second)
				began := time.Now()
				r.cancel()
				synctest.Wait()
				r.keys <- key.Event{At: time.Now()}
				r.stop()
				r.wantTyped(tt.want...)
				if d := time.Since(began); d > 11*time.Second {
					t.Errorf("it took %v to end", d)
				}
				if got := strings.Contains(r.log.String(), "lost at exit"); got != tt.lost {
					t.Errorf("a loss was logged: %v, want %v", got, tt.lost)
				}
				want := Ended{ID: 1, Outcome: Typed}
				if tt.lost {
					want.Outcome, want.Reason = Refused, Exited
				}
				if s := r.now(); s.Last != want || s.Waiting != 0 {
					t.Errorf("status %+v, want the end %+v", s, want)
				}
			})
		})
	}
}

// The monotonic clock stands still while the machine is asleep. What was said before a
// night is not typed after it, and sound that was kept before it is wiped.
func TestRunAsleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := true
		r := start(t, scribe{delay: after(time.Second), err: func() error {
			if fails {
				return errors.New("503")
			}
			return nil
		}})
		r.hold(400 * time.Millisecond)
		time.Sleep(5 * time.Second)
		if s := r.now(); s.Kept != 1 {
			t.Fatalf("status %+v, want one kept", s)
		}
		fails = false
		r.hold(600 * time.Millisecond) // and the lid is shut
		r.send(Away{Session, time.Now()})
		r.asleep.Add(int64(8 * time.Hour))
		r.send(Back{Session, time.Now()})
		if s := r.now(); s.Kept != 0 || r.mic.sound(0).wiped.Load() != 1 {
			t.Errorf("status %+v: what was kept in the evening is still there", s)
		}
		time.Sleep(5 * time.Second)
		if s := r.now(); s.Kept != 1 || s.Last != (Ended{ID: 2, Outcome: Kept, Reason: WasAway}) {
			t.Errorf("status %+v, want the second kept", s)
		}
		r.wantTyped()
		r.hold(time.Second)
		time.Sleep(5 * time.Second)
		r.wantTyped("1.2s")
		r.stop()
	})
}

// The last text can be read, and typed again.
func TestRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(0)})
		r.hold(time.Second)
		time.Sleep(time.Second)
		if got, _, err := r.d.LastText(t.Context()); got != "1.2s" || err != nil {
			t.Errorf("the last text is %q, %v", got, err)
		}
		r.send(Again{time.Now()})
		time.Sleep(time.Second)
		r.wantTyped("1.2s", "1.2s")
		r.stop()
	})
}

// A new policy is in force at once, and nothing that was kept is lost.
func TestSetPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(0)})
		p := policy
		p.MinHold = 2 * time.Second
		r.d.SetPolicy(p)
		r.hold(time.Second)
		r.hold(3 * time.Second)
		time.Sleep(time.Second)
		r.wantTyped("3.2s")
		r.stop()
	})
}

func TestRunNoMicrophone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(0)})
		r.mic.fail = errors.New("no microphone")
		r.hold(time.Second)
		r.mic.fail = nil
		r.hold(time.Second)
		time.Sleep(time.Second)
		r.wantTyped("1.2s")
		r.stop()
	})
}

// The log contains no spoken or typed words, at any level (F-41).
func TestRunLogsNoWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, scribe{delay: after(0)})
		r.hold(1234 * time.Millisecond)
		time.Sleep(time.Second)
		r.wantTyped("1.434s")
		r.stop()
		log := strings.ReplaceAll(r.log.String(), "speech=1.434s", "")
		if strings.Contains(log, "1.434s") {
			t.Errorf("the log tells what was typed:\n%s", log)
		}
		if !strings.Contains(log, "utterance typed") {
			t.Errorf("the log does not tell that something was typed:\n%s", log)
		}
	})
}

// A thousand dictations with a recognizer that fails half of its requests end
// typed once each, in order, or kept where one can see it.
func TestRunFailingRecognizer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fate := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		r := start(t, scribe{delay: after(100 * time.Millisecond), err: func() error {
			mu.Lock()
			defer mu.Unlock()
			if fate.IntN(2) == 0 {
				return errors.New("500")
			}
			return nil
		}})
		want := map[string]bool{}
		for i := range 1000 {
			d := time.Duration(300+i) * time.Millisecond
			want[(d + 200*time.Millisecond).String()] = true
			r.hold(d)
			for range 20 { // the user asks again until it works
				time.Sleep(time.Second)
				r.send(Retry{time.Now()})
			}
		}
		time.Sleep(time.Minute)
		got := r.page.words()
		for i, w := range got {
			if !want[w] {
				t.Fatalf("%s was typed twice or never said", w)
			}
			delete(want, w)
			if i > 0 && duration(t, w) < duration(t, got[i-1]) {
				t.Fatalf("%s was typed after %s", w, got[i-1])
			}
		}
		if len(want) > 0 {
			t.Errorf("%d never typed", len(want))
		}
		r.stop()
	})
}

func duration(t *testing.T, s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
