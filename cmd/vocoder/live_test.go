package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/control"
)

// The last line tells what is done, how loud it is and how long it took; what
// is logged stands above it.
func TestLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		l := &live{w: &b}
		last := func(want string) {
			t.Helper()
			got := b.String()
			if got = got[strings.LastIndex(got, erase)+len(erase):]; got != want {
				t.Errorf("the line is %q, want %q", got, want)
			}
		}
		l.status("ready", control.Status{})
		last("ready")
		l.level(capture.Level{Peak: 0, RMS: 0})
		last("ready") // nobody is listened to
		l.status("listening", control.Status{Recording: true})
		l.level(capture.Level{Peak: -30, RMS: -60})
		last("[" + strings.Repeat("-", 20) + strings.Repeat(" ", 20) + "] -60 dB  listening")
		l.status("working", control.Status{Waiting: 1})
		last("working")
		time.Sleep(1230 * time.Millisecond)
		l.status("ready", control.Status{Last: control.End{Outcome: "typed", At: time.Now()}})
		last("ready (last: typed after 1.23s)")
		if _, err := l.Write([]byte("logged\n")); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(b.String(), erase+"logged\n"+erase+"ready (last: typed after 1.23s)") {
			t.Errorf("%q", b.String())
		}
		l.width = func() int { return 10 } // a line that wraps could not be erased
		l.status("läuft und läuft", control.Status{})
		last("läuft und")
		l.end()
		last("")
		var none *live
		none.status("", control.Status{})
		none.end()
	})
}
