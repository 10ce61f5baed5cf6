package whisper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A speaker says a word each 500 ms, which begin at the level 1001. Each fourth is followed
// by a pause of the same length, and ends a segment.
type speaker struct {
	began    time.Time
	segments chan pcm.Clip
	mu       sync.Mutex
	sent     int // words; guarded by mu, as cuts
	cuts     int
	wanted   bool
	shown    []shown
	released chan struct{}
}

type shown struct {
	at      time.Duration
	words   string
	settled bool
}

const oneWord = 512 * time.Millisecond

// open is Live.Open.
func (s *speaker) open() (pcm.Clip, int, bool) {
	sent, cuts := s.progress()
	left := time.Since(s.began) - time.Duration(sent)*oneWord
	var words []pcm.Clip
	for n := sent; left > 0; n++ {
		words = append(words, aloud(spoken(n, min(left, oneWord))))
		left -= oneWord
	}
	if len(words) == 0 {
		return pcm.Clip{Rate: 4000}, cuts, s.wanted
	}
	return join(words), cuts, s.wanted
}

// progress returns how many words and segments were sent.
func (s *speaker) progress() (words, segments int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent, s.cuts
}

func (s *speaker) show(words string, settled bool) {
	s.shown = append(s.shown, shown{time.Since(s.began), words, settled})
}

// speak speaks for a time, with Live or without. It returns the text, and how long after
// the release it was there.
func (s *speaker) speak(t *testing.T, c *Client, length, tail time.Duration, live bool) (string, time.Duration) {
	t.Helper()
	s.segments, s.released, s.began = make(chan pcm.Clip, 64), make(chan struct{}), time.Now()
	s.sent, s.cuts, s.shown = 0, 0, nil
	var l *Live
	if live {
		l = &Live{Open: s.open, Show: s.show, Released: s.released}
	}
	var release time.Time
	done := make(chan struct{})
	go func() {
		defer close(done)
		for time.Duration(s.sent+8)*oneWord < length {
			time.Sleep(8*oneWord + time.Millisecond - time.Since(s.began)%(8*oneWord))
			s.cut(8)
		}
		time.Sleep(length - time.Since(s.began))
		close(s.released)
		release = time.Now()
		time.Sleep(tail)
		rest, _, _ := s.open()
		s.segments <- rest
		close(s.segments)
	}()
	text, err := c.Follow(t.Context(), s.segments, l)
	if err != nil {
		t.Fatal(err)
	}
	<-done
	return text, time.Since(release)
}

// cut sends a segment of n words.
func (s *speaker) cut(n int) {
	var words []pcm.Clip
	for i := range n {
		words = append(words, aloud(spoken(s.sent+i, oneWord)))
	}
	s.mu.Lock()
	s.sent, s.cuts = s.sent+n, s.cuts+1
	s.mu.Unlock()
	s.segments <- join(words)
}

// learn lets the client measure its recognizer.
func learn(t *testing.T, c *Client) {
	for _, l := range []time.Duration{1, 3, 6} {
		if _, err := c.Transcribe(t.Context(), aloud(spoken(0, l*time.Second))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLive: each word is shown within a second, with those before it, and the last before
// the release. The text is that of Follow. It is there as soon as without Live, whenever
// the key is released.
func TestLive(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fixed  time.Duration
		linear float64
	}{
		{"at once", 0, 0},
		{"fixed", 200 * time.Millisecond, 0},
		{"linear", 20 * time.Millisecond, 0.05},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &slowServer{fixed: tt.fixed, linear: tt.linear}
				c := server.client(t)
				learn(t, c)
				s := &speaker{wanted: true}
				for length := 5 * time.Second; length < 7*time.Second; length += 50 * time.Millisecond {
					want, without := s.speak(t, c, length, 200*time.Millisecond, false)
					got, with := s.speak(t, c, length, 200*time.Millisecond, true)
					if got != want || with > without+100*time.Millisecond {
						t.Errorf("%v: %q after %v; without: %q after %v", length, got, with, want, without)
					}
					s.check(t, want, length)
				}
			})
		})
	}
}

// check fails if a word was shown late, or after the release.
func (s *speaker) check(t *testing.T, text string, length time.Duration) {
	t.Helper()
	for i, word := range strings.Fields(text) {
		said := time.Duration(i+1) * oneWord
		at := slices.IndexFunc(s.shown, func(v shown) bool { return slices.Contains(strings.Fields(v.words), word) })
		if said+time.Second < length && (at < 0 || s.shown[at].at > said+time.Second) {
			t.Errorf("%v: %s was said at %v: %v", length, word, said, s.shown)
		}
	}
	before := ""
	for _, v := range s.shown {
		if v.at > length || !strings.HasPrefix(text, v.words) || len(v.words) < len(before) {
			t.Errorf("%v: shown %v of %q", length, v, text)
		}
		before = v.words
	}
}

// TestLiveAsksOnly: no more requests are made if no client wants the words, or if the
// recognizer is not quick, has not answered yet, or has a key.
func TestLiveAsksOnly(t *testing.T) {
	for _, tt := range []struct {
		name    string
		unknown bool
		wanted  bool
		fixed   time.Duration
		linear  float64
		key     string
		more    bool
		settled bool // the words of the segments are shown
	}{
		{"quick", false, true, 100 * time.Millisecond, 0.01, "", true, false},
		{"not wanted", false, false, 100 * time.Millisecond, 0.01, "", false, false},
		{"slow", false, true, 700 * time.Millisecond, 0, "", false, true},
		{"slow with much sound", false, true, 0, 0.25, "", false, true},
		{"a key", false, true, 100 * time.Millisecond, 0.01, "secret", false, true},
		{"unknown", true, true, 100 * time.Millisecond, 0.01, "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &slowServer{fixed: tt.fixed, linear: tt.linear}
				c := server.client(t)
				c.pool.all[0].key = tt.key
				length := 12 * time.Second
				if tt.unknown {
					length = 3 * time.Second
				} else {
					learn(t, c)
				}
				s := &speaker{wanted: tt.wanted}
				server.asked = nil
				want, _ := s.speak(t, c, length, 200*time.Millisecond, false)
				without := server.asked
				server.asked = nil
				if tt.unknown {
					c.pool.speed = pace{}
				}
				got, _ := s.speak(t, c, length, 200*time.Millisecond, true)
				if more := len(server.asked) > len(without); got != want || more != tt.more {
					t.Errorf("%q, want %q; asked for %q, without Live for %q", got, want, server.asked, without)
				}
				settled := slices.ContainsFunc(s.shown, func(v shown) bool { return v.settled && v.words == count(8) })
				if settled != tt.settled || len(s.shown) > 0 != (tt.more || tt.settled) {
					t.Errorf("shown %v; asked for %q", s.shown, server.asked)
				}
			})
		})
	}
}

// TestLiveRests: while the user is silent, a request is made twice and not again.
func TestLiveRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &slowServer{fixed: 50 * time.Millisecond}
		c := server.client(t)
		learn(t, c)
		server.asked = nil
		said := aloud(spoken(0, 2*time.Second))
		segments, showed := make(chan pcm.Clip, 1), 0
		live := &Live{
			Open:     func() (pcm.Clip, int, bool) { return join([]pcm.Clip{said}), 0, true },
			Show:     func(string, bool) { showed++ },
			Released: make(chan struct{}),
		}
		go func() {
			time.Sleep(time.Minute)
			segments <- said
			close(segments)
		}()
		if text, err := c.Follow(t.Context(), segments, live); text != "word0" || err != nil || showed != 2 || len(server.asked) != 3 {
			t.Errorf("%q, %v: asked %q, shown %d times", text, err, server.asked, showed)
		}
	})
}

// TestLiveYields: another request cancels that for provisional words, and none begins
// during it.
func TestLiveYields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &slowServer{fixed: 50 * time.Millisecond}
		c := server.client(t)
		learn(t, c)
		clip := aloud(spoken(1, 2*time.Second))
		server.fixed = 10 * time.Second
		err := make(chan error)
		go func() {
			_, e := c.preview(t.Context(), question{clip: clip})
			err <- e
		}()
		synctest.Wait()
		go func() { _, _ = c.Transcribe(t.Context(), clip) }()
		if e := <-err; !errors.Is(e, context.Canceled) {
			t.Errorf("%v", e)
		}
		if _, e := c.preview(t.Context(), question{clip: clip}); !errors.Is(e, errNotNow) {
			t.Errorf("during another: %v", e)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		begin := time.Now()
		if _, e := c.preview(t.Context(), question{clip: clip}); !errors.Is(e, context.Canceled) || time.Since(begin) != previewLimit {
			t.Errorf("one that takes too long: %v after %v", e, time.Since(begin))
		}
		if h := c.Health()[0]; h.Err != nil {
			t.Errorf("the recognizer is in trouble: %v", h.Err)
		}
		time.Sleep(time.Minute)
	})
}

// TestLiveFails: a recognizer that fails for provisional words is asked for them less and
// less often, and the text is complete.
func TestLiveFails(t *testing.T) {
	for _, tt := range []struct {
		status string
		want   int // requests for provisional words in a minute
	}{{"500 Oops", 4}, {"400 Bad Request", 1}} {
		synctest.Test(t, func(t *testing.T) {
			server := &slowServer{fixed: 10 * time.Millisecond}
			c := server.client(t)
			learn(t, c)
			server.asked = nil
			released := make(chan struct{})
			server.fail = func() string {
				select {
				case <-released:
					return ""
				default:
					return httpAnswer(tt.status, "text/plain", "no")
				}
			}
			n := 0
			segments := make(chan pcm.Clip, 1)
			live := &Live{
				Open:     func() (pcm.Clip, int, bool) { n++; return aloud(spoken(0, time.Duration(n)*time.Second)), 0, true },
				Show:     func(words string, _ bool) { t.Errorf("shown %q", words) },
				Released: released,
			}
			go func() {
				time.Sleep(time.Minute)
				close(released)
				segments <- aloud(spoken(0, 2*time.Second))
				close(segments)
			}()
			text, err := c.Follow(t.Context(), segments, live)
			if previews := len(server.asked) - 1; text != "word0" || err != nil || previews != tt.want {
				t.Errorf("%q, %v: %d requests, want %d", text, err, previews, tt.want)
			}
		})
	}
}

// TestLiveSlowsDown: what requests for provisional words took counts, too. A recognizer that
// has become slow is not asked for them any more.
func TestLiveSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &slowServer{fixed: 50 * time.Millisecond}
		c := server.client(t)
		learn(t, c)
		server.asked, server.fixed = nil, time.Second
		n := 0
		segments := make(chan pcm.Clip, 1)
		live := &Live{
			Open:     func() (pcm.Clip, int, bool) { n++; return aloud(spoken(0, time.Duration(n)*time.Second)), 0, true },
			Show:     func(string, bool) {},
			Released: make(chan struct{}),
		}
		go func() {
			time.Sleep(time.Minute)
			segments <- aloud(spoken(0, 2*time.Second))
			close(segments)
		}()
		text, err := c.Follow(t.Context(), segments, live)
		if previews := len(server.asked) - 1; text != "word0" || err != nil || previews < 1 || previews > 3 {
			t.Errorf("%q, %v: %d requests for provisional words", text, err, previews)
		}
	})
}

func (s shown) String() string { return fmt.Sprintf("%v %q", s.at, s.words) }
