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
			_, err := client(t, Config{URL: s.URL, Dialect: OpenAI}).Follow(t.Context(), segments)
			close(over)
			for range segments { // until it is closed
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
