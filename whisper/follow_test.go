package whisper

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// spoken is a stretch that says word n.
func spoken(n int, length time.Duration) pcm.Clip {
	const rate = 4000 // enough to count words by
	c := pcm.Clip{Rate: rate, Samples: make([]int16, int(length.Seconds()*rate))}
	for i := range c.Samples {
		c.Samples[i] = int16(1000 + n)
	}
	return c
}

// A slowServer understands spoken. It answers one request at a time and takes
// fixed and each second of sound times linear for it.
type slowServer struct {
	fixed  time.Duration
	linear float64
	fail   func() string // the answer instead, if not empty

	turn    chan struct{} // not a mutex: synctest does not count that as waiting
	asked   []string      // the words of each request
	prompts []string
}

func (s *slowServer) serve(_ int, conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		f, _, err := r.FormFile("file")
		if err != nil {
			return
		}
		clip, err := pcm.ReadWAV(f)
		if err != nil {
			return
		}
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, _ = in.Peek(1)
		}()
		if !s.answer(conn, gone, clip, r.FormValue("prompt")) {
			return
		}
		<-gone // or the next request comes
	}
}

func (s *slowServer) answer(conn net.Conn, gone <-chan struct{}, clip pcm.Clip, prompt string) bool {
	var said []string
	for i, v := range clip.Samples {
		if i == 0 || v != clip.Samples[i-1] {
			said = append(said, fmt.Sprintf("word%d", v-1000))
		}
	}
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.asked, s.prompts = append(s.asked, strings.Join(said, " ")), append(s.prompts, prompt)
	<-time.After(s.fixed + time.Duration(s.linear*float64(clip.Duration()))) // also if the client has gone
	select {
	case <-gone:
		return false
	default:
	}
	if s.fail != nil {
		if a := s.fail(); a != "" {
			_, _ = io.WriteString(conn, a)
			return false
		}
	}
	_, err := io.WriteString(conn, httpAnswer("200 OK", "text/plain", strings.Join(said, " ")))
	return err == nil
}

func (s *slowServer) client(t *testing.T) *Client {
	s.turn = make(chan struct{}, 1)
	c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: OpenAI})
	pipes(c, s.serve)
	return c
}

// speak says words of a length each and returns the text, and how long after
// the last word it was there.
func speak(t *testing.T, c *Client, n int, length time.Duration) (string, time.Duration, error) {
	t.Helper()
	return speakAll(t, c, slices.Repeat([]time.Duration{length}, n)...)
}

func speakAll(t *testing.T, c *Client, lengths ...time.Duration) (string, time.Duration, error) {
	t.Helper()
	stretches := make(chan pcm.Clip)
	var total time.Duration
	for _, l := range lengths {
		total += l
	}
	go func() {
		defer close(stretches)
		for i, length := range lengths {
			time.Sleep(length)
			begin := time.Now()
			stretches <- spoken(i, length)
			if time.Since(begin) != 0 {
				t.Error("Follow kept a stretch waiting")
			}
		}
	}()
	begin := time.Now()
	text, err := c.Follow(t.Context(), stretches, nil)
	return text, time.Since(begin) - total, err
}

func count(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("word%d", i))
	}
	return strings.Join(all, " ")
}

// TestFollowIsFlat checks that the wait at the end of a minute of speech is as short as
// after five seconds, for recognizers with different costs.
func TestFollowIsFlat(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fixed  time.Duration
		linear float64
	}{
		{"linear", 0, 0.1},
		{"fixed", 2 * time.Second, 0},
		{"both", 500 * time.Millisecond, 0.05},
		{"almost as slow as speech", 0, 0.7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowServer{fixed: tt.fixed, linear: tt.linear}
				c := s.client(t)
				_, short, err := speak(t, c, 1, 5*time.Second)
				if err != nil {
					t.Fatal(err)
				}
				text, long, err := speak(t, c, 12, 5*time.Second)
				if err != nil || text != count(12) {
					t.Fatalf("%q, %v", text, err)
				}
				if ratio := float64(long) / float64(short); ratio > 1.3 {
					t.Errorf("%v after a minute, %v after five seconds: %.2f times", long, short, ratio)
				}
			})
		})
	}
}

// A last word soon after a long stretch is asked for when that is answered: the
// recognizer, which would not stop, is not asked for the stretch twice.
func TestFollowLastWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowServer{fixed: 2 * time.Second}
		text, took, err := speakAll(t, s.client(t), 5*time.Second, time.Second)
		if err != nil || text != "word0 word1" || took != 3*time.Second || strings.Join(s.asked, ", ") != "word0, word1" {
			t.Errorf("%q, %v after %v, asked for %q", text, err, took, s.asked)
		}
	})
}

// Of a recognizer that takes as long for a second as for ten, little is asked for at
// a time: it would still be busy at the release. Of one whose time grows with the
// sound each stretch is.
func TestFollowSeldom(t *testing.T) {
	for _, tt := range []struct {
		fixed  time.Duration
		linear float64
		want   string // of the first request
	}{
		{2 * time.Second, 0, "word0 word1 word2"},
		{0, 0.2, "word0"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowServer{fixed: tt.fixed, linear: tt.linear}
			c := s.client(t)
			for _, l := range []time.Duration{2, 5, 10} { // to learn its pace
				if _, _, err := speak(t, c, 1, l*time.Second); err != nil {
					t.Fatal(err)
				}
			}
			s.asked = nil
			text, _, err := speak(t, c, 8, 4*time.Second)
			if err != nil || text != count(8) || s.asked[0] != tt.want {
				t.Errorf("%q, %v, asked for %q, want %q first", text, err, s.asked, tt.want)
			}
		})
	}
}

// After the last word no request is made for the silence until the release; a word
// however short is asked for.
func TestFollowSilentEnd(t *testing.T) {
	for _, tt := range []struct {
		name  string
		end   pcm.Clip
		asked int
		want  string
	}{
		{"silence", pcm.Clip{Rate: 4000, Samples: make([]int16, 4000), Voice: make(pcm.Voice, 32)}, 1, "word0"},
		{"a short word", aloud(spoken(1, 100*time.Millisecond)), 2, "word0 word1"},
		{"a soft word", softly(spoken(1, 640*time.Millisecond)), 2, "word0 word1"},
		{"a long time in which none is found", pcm.Clip{Rate: 4000, Samples: spoken(1, 2*time.Second).Samples, Voice: make(pcm.Voice, 63)}, 2, "word0 word1"},
		{"unknown", spoken(1, 100*time.Millisecond), 2, "word0 word1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowServer{fixed: time.Second}
			c := s.client(t)
			stretches := make(chan pcm.Clip)
			go func() {
				defer close(stretches)
				stretches <- spoken(0, 5*time.Second)
				time.Sleep(10 * time.Second)
				stretches <- tt.end
			}()
			text, err := c.Follow(t.Context(), stretches, nil)
			if err != nil || text != tt.want || len(s.asked) != tt.asked {
				t.Errorf("%s: %q, %v, asked %q", tt.name, text, err, s.asked)
			}
		})
	}
}

// softly is a clip of which no frame is a voice for sure.
func softly(c pcm.Clip) pcm.Clip {
	c.Voice = slices.Repeat(pcm.Voice{0.28}, int(c.Duration()/pcm.VoiceFrame))
	return c
}

// aloud is a clip that is known to be a voice all along.
func aloud(c pcm.Clip) pcm.Clip {
	ms := int(c.Duration().Milliseconds())
	c.Voice = voiced(ms, 0, ms)
	return c
}

// A recognizer slower than speech is asked once, when all is said.
func TestFollowSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowServer{linear: 1.2}
		c := s.client(t)
		for range 2 {
			s.asked = nil
			if text, _, err := speak(t, c, 4, 5*time.Second); err != nil || text != count(4) {
				t.Fatalf("%q, %v", text, err)
			}
		}
		if len(s.asked) != 1 {
			t.Errorf("asked %d times: %q", len(s.asked), s.asked)
		}
	})
}

// Stretches that are too short wait for the next, and each request brings the
// words before.
func TestFollowContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowServer{linear: 0.1}
		if text, _, err := speak(t, s.client(t), 7, 800*time.Millisecond); err != nil || text != count(7) {
			t.Fatalf("%q, %v", text, err)
		}
		if got := strings.Join(s.asked, ", "); got != "word0 word1, word2 word3, word4 word5, word6" {
			t.Errorf("asked for %s", got)
		}
		if got := strings.Join(s.prompts, ", "); got != ", word0 word1, word0 word1 word2 word3, word0 word1 word2 word3 word4 word5" {
			t.Errorf("context %s", got)
		}
	})
}

// Requests fail at random; every word is there once and in order, or the error
// says that they are to be asked for again.
func TestFollowFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random, faults := rand.New(rand.NewPCG(3, 4)), rand.New(rand.NewPCG(5, 6))
		s := &slowServer{fixed: 300 * time.Millisecond, linear: 0.1}
		s.fail = func() string {
			return []string{"", "", "HTTP/1.1 200 OK\r\n", httpAnswer("503 Wait", "text/plain", "")}[faults.IntN(4)]
		}
		c := s.client(t)
		lost := 0
		for range 60 {
			n := 1 + random.IntN(8)
			text, _, err := speak(t, c, n, time.Duration(500+random.IntN(8000))*time.Millisecond)
			if err != nil {
				lost++
				continue
			}
			if text != count(n) {
				t.Fatalf("%q, want %q", text, count(n))
			}
		}
		if lost > 6 {
			t.Errorf("%d of 60 failed", lost)
		}
	})
}

func TestFollowNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowServer{}
		c := s.client(t)
		if text, _, err := speak(t, c, 0, time.Second); text != "" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
		s.fail = func() string { return httpAnswer("200 OK", "text/plain", ". . . .") }
		if text, _, err := speak(t, c, 2, 5*time.Second); text != ". . . . . . . ." || !errors.Is(err, ErrNotSpeech) {
			t.Errorf("%q, %v, want all that was refused", text, err)
		}
	})
}

// TestFollowLeavesOut: of an utterance with a part that is not speech the caller gets the
// words, and what was left out with the reason.
func TestFollowLeavesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct{ first, second, text, left string }{
			{"One two.", ". . . .", "One two.", ". . . ."},
			{". . . .", "One two.", "One two.", ". . . ."},
			{"One two.", "Three four.", "One two. Three four.", ""},
			{"One two.", "[Music]", "One two.", ""}, // a sound is no words
		} {
			answers := []string{tt.first, tt.second}
			s := &slowServer{}
			s.fail = func() string {
				next := answers[0]
				answers = answers[1:]
				return httpAnswer("200 OK", "text/plain", next)
			}
			text, _, err := speak(t, s.client(t), 2, 5*time.Second)
			left, is := errors.AsType[*LeftOut](err)
			if text != tt.text || is != (tt.left != "") || !is && err != nil {
				t.Errorf("%q, %q: %q, %v, want %q", tt.first, tt.second, text, err, tt.text)
			}
			if is && (left.Words != tt.left || !errors.Is(left.Why, ErrNotSpeech)) {
				t.Errorf("%q, %q: left out %q, %v", tt.first, tt.second, left.Words, left.Why)
			}
		}
	})
}

func TestFollowCancel(t *testing.T) {
	for _, tt := range []struct {
		segments int
		after    time.Duration
	}{{2, time.Second}, {2, 6 * time.Second}, {2, 11 * time.Second}, {1, 6 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowServer{fixed: 3 * time.Second}
			c := s.client(t)
			ctx, cancel := context.WithCancel(t.Context())
			stretches := make(chan pcm.Clip, 2)
			go func() {
				defer close(stretches)
				for i := range tt.segments {
					time.Sleep(5 * time.Second)
					stretches <- spoken(i, 5*time.Second)
				}
			}()
			time.AfterFunc(tt.after, cancel)
			begin := time.Now()
			text, err := c.Follow(ctx, stretches, nil)
			if text != "" || !errors.Is(err, context.Canceled) || time.Since(begin) != tt.after {
				t.Errorf("%q, %v after %v, want %v", text, err, time.Since(begin), tt.after)
			}
			time.Sleep(time.Minute)
		})
	}
}
