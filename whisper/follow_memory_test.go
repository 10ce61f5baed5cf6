package whisper

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestFollowFreesSound checks that Follow holds no sound that has a text, and not more than
// maxMissing of the rest: the caller has all of it already.
func TestFollowFreesSound(t *testing.T) {
	for _, fails := range []bool{false, true} {
		t.Run(fmt.Sprint("recognizer fails: ", fails), func(t *testing.T) {
			answered := make(chan struct{}, 1000)
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if fails {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				fmt.Fprintln(w, `{"text": "word"}`)
				answered <- struct{}{}
			})
			segments, over := make(chan pcm.Clip), make(chan struct{})
			var all [][]int16
			go func() {
				defer close(segments)
				for range 2 * int(maxMissing/(10*time.Second)) {
					c := speech(10_000)
					select {
					case segments <- c:
					case <-over:
						return
					}
					all = append(all, c.Samples)
					if !fails {
						<-answered
					}
				}
			}()
			_, err := client(t, Config{URL: s.URL, Dialect: OpenAI}).Follow(t.Context(), segments, nil)
			close(over)
			for c := range segments { // what Follow did not receive is not its own
				c.Wipe()
			}
			if fails != errors.Is(err, errBehind) {
				t.Errorf("error %v", err)
			}
			for i, samples := range all {
				if slices.ContainsFunc(samples, func(v int16) bool { return v != 0 }) {
					t.Errorf("segment %d of %d is still there", i, len(all))
				}
			}
		})
	}
}

// TestFollowKeepsTheRest checks that a text frees the sound of its own segments at once.
func TestFollowKeepsTheRest(t *testing.T) {
	first, second := speech(1000), speech(1000)
	f := follower{segments: []pcm.Clip{first, second}}
	f.keep(part{from: 0, to: 1})
	if f.segments[0].Samples != nil || first.Samples[0] != 0 {
		t.Error("the first is still there")
	}
	if len(f.segments[1].Samples) == 0 || second.Samples[0] == 0 {
		t.Error("the second is gone")
	}
}
