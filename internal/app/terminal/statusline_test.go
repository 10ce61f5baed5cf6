package terminal

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/control"
)

// The last line shows the status, the level and how long the last text took. The log
// is above it.
func TestStatusLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		l := &StatusLine{w: &b, columns: func() int { return 0 }}
		last := func(want string) {
			t.Helper()
			got := b.String()
			if got = got[strings.LastIndex(got, eraseLine)+len(eraseLine):]; got != want {
				t.Errorf("the line is %q, want %q", got, want)
			}
		}
		l.Show("ready", control.Status{})
		last("ready")
		l.Level(capture.Frame{Peak: 0, Level: 0})
		last("ready") // the microphone does not record
		l.Show("listening", control.Status{Recording: true})
		l.Level(capture.Frame{Peak: -30, Level: -60})
		last("[" + strings.Repeat("-", 20) + strings.Repeat(" ", 20) + "] -60 dB  listening")
		l.Show("working", control.Status{Waiting: 1})
		last("working")
		time.Sleep(1230 * time.Millisecond)
		l.Show("ready", control.Status{Last: control.End{Outcome: "typed", At: time.Now()}})
		last("ready (last: typed after 1.23s)")
		if _, err := l.Write([]byte("logged\n")); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(b.String(), eraseLine+"logged\n"+eraseLine+"ready (last: typed after 1.23s)") {
			t.Errorf("%q", b.String())
		}
		l.columns = func() int { return 10 } // a line that wraps could not be erased
		l.Show("läuft und läuft", control.Status{})
		last("läuft und")
		l.End()
		last("")
		var none *StatusLine
		none.Show("", control.Status{})
		none.End()
	})
}
