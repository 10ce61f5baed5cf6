package capture

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestProblemIsOver: the last problem of a recording is over when the next one begins, which
// is reported once.
func TestProblemIsOver(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		over := func(m *mic) (n int) {
			for synctest.Wait(); len(m.well) > 0; n++ {
				<-m.well
			}
			return n
		}
		f.set(func(b *behavior) { b.denied = true })
		m := runMic(t, f.config())
		m.ready(time.Second)
		h := m.hold()
		m.expect(Unready, time.Second)
		h.letGo()
		if n := over(m); n != 0 {
			t.Errorf("at the end: over %d times", n)
		}
		f.set(func(b *behavior) { b.denied = false })
		<-time.After(maxLateRetry + time.Second)
		for i, want := range []int{1, 0} {
			h := m.hold()
			if n := over(m); n != want {
				t.Errorf("at press %d: over %d times, want %d", i+1, n, want)
			}
			<-time.After(time.Second)
			h.letGo()
		}
	})
}

// TestSuspend checks that a suspended Recorder records nothing between recordings, and
// that recordings work.
func TestSuspend(t *testing.T) {
	for _, tt := range []struct {
		name    string
		preRoll time.Duration
	}{
		{"linger", 0}, {"pre-roll", 300 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				c := f.config()
				c.PreRoll = tt.preRoll
				m := runMic(t, c)
				m.ready(time.Second)
				open := func(want bool) {
					t.Helper()
					<-time.After(100 * time.Millisecond)
					before := f.newest().total()
					<-time.After(time.Second)
					if got := f.newest().total() > before; got != want {
						t.Errorf("open is %v, want %v", got, want)
					}
				}
				suspend := func(suspended bool) {
					t.Helper()
					if err := m.Suspend(t.Context(), suspended); err != nil {
						t.Error(err)
					}
				}
				m.record(time.Second)
				open(true)
				suspend(true)
				open(false)
				h := m.record(time.Second)
				if h.err != nil || len(h.clip.Samples) == 0 {
					t.Errorf("%d samples, %v", len(h.clip.Samples), h.err)
				}
				open(false)
				suspend(false)
				open(tt.preRoll > 0)
				h = m.hold()
				<-time.After(time.Second)
				suspend(true)
				open(true) // it is held
				h.letGo()
				open(false)
				suspend(false)
				m.record(time.Second)
				open(true)
			})
		})
	}
}

// TestSuspendRefused: with pre-roll the microphone is open once the server allows it, also if
// the Recorder was suspended for a while before that. It is not while that lasts.
func TestSuspendRefused(t *testing.T) {
	for _, suspended := range []bool{true, false} {
		onFake(t, func(t *testing.T, f *fake) {
			f.set(func(b *behavior) { b.denied = true })
			c := f.config()
			c.PreRoll = 300 * time.Millisecond
			m := runMic(t, c)
			<-time.After(time.Second)
			for _, s := range []bool{true, suspended} {
				if err := m.Suspend(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				<-time.After(time.Second)
			}
			f.set(func(b *behavior) { b.denied = false })
			<-time.After(maxLateRetry)
			<-time.After(time.Second)
			if _, open := f.streams(); open > 0 == suspended {
				t.Errorf("suspended: %v, and %d streams are open", suspended, open)
			}
		})
	}
}
