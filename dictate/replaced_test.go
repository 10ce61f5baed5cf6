package dictate

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestReplaced: a text that stays in the clipboard after it was pasted is not kept, and its
// end says what became of the clipboard.
func TestReplaced(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want Reason
	}{{nil, ""}, {ErrReplaced, Replaced}} {
		synctest.Test(t, func(t *testing.T) {
			r := start(t, scribe{delay: after(0)})
			r.page.err = tt.err
			r.hold(900 * time.Millisecond)
			time.Sleep(10 * time.Second)
			if s := r.now(); s.Last.Outcome != Typed || s.Last.Reason != tt.want || s.Kept != 0 || s.Trouble != nil {
				t.Errorf("%v: it ended as %+v, %d kept, %v", tt.err, s.Last, s.Kept, s.Trouble)
			}
			r.stop()
		})
	}
}
