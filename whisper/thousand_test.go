package whisper

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	bound "github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A crowd is the microphone and the keyboard of a dictation. It records a different word
// at each hold, and collects the typed texts.
type crowd struct {
	client *Client
	said   int

	mu    sync.Mutex
	typed []string
}

// Record implements dictate.Recorder.
func (c *crowd) Record(ctx context.Context, _ int, stop <-chan struct{}) (dictate.Recording, error) {
	word := c.said
	c.said++
	began := time.Now()
	select {
	case <-stop:
		return saying{spoken(word, time.Since(began)), c.client}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A saying implements dictate.Recording.
type saying struct {
	pcm.Clip
	client *Client
}

// Text implements dictate.Recording. Every other clip is asked for in stretches,
// as while one speaks, and as a whole if that fails.
func (c saying) Text(ctx context.Context, _ bool) (string, error) {
	clip := c.Clip
	if clip.Samples[0]%2 == 0 {
		return c.client.Transcribe(ctx, clip)
	}
	stretches := make(chan pcm.Clip)
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer close(stretches)
		for s := range slices.Chunk(clip.Samples, 8000) {
			select {
			case stretches <- pcm.Clip{Rate: clip.Rate, Samples: slices.Clone(s)}: // Follow wipes it
			case <-ctx.Done():
				return
			}
		}
	}()
	text, err := c.client.Follow(ctx, stretches, nil)
	<-over
	if err == nil || ctx.Err() != nil {
		return strings.Join(slices.Compact(strings.Fields(text)), " "), err
	}
	return c.client.Transcribe(ctx, clip)
}

// Type implements dictate.Typist.
func (c *crowd) Type(_ context.Context, text string) (dictate.Outcome, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.typed = append(c.typed, text)
	return dictate.Typed, "", nil
}

// With a recognizer that fails half of its requests at random, a thousand
// dictations end typed once each, in the order spoken, or are visibly kept: and
// then typed when the user asks for them.
func TestThousandDictations(t *testing.T) {
	dictations := 1000
	if testing.Short() {
		dictations = 200
	}
	synctest.Test(t, func(t *testing.T) {
		random, fate := rand.New(rand.NewPCG(9, 10)), rand.New(rand.NewPCG(11, 12))
		faults := []string{
			"HTTP/1.1 200 OK\r\nContent-Le", "nonsense\r\n\r\n", httpAnswer("500 Oops", "text/plain", ""),
			httpAnswer("503 Wait", "text/plain", "", "Retry-After: 1\r\n"), httpAnswer("200 OK", "application/json", `{"text":`),
		}
		asked, failed := 0, 0
		s := &slowServer{fixed: 200 * time.Millisecond, linear: 0.02, fail: func() string {
			asked++
			if fate.IntN(2) > 0 {
				return ""
			}
			failed++
			return faults[fate.IntN(len(faults))]
		}}
		c := &crowd{client: s.client(t)}
		var mu sync.Mutex
		var now dictate.Status
		kept := map[dictate.ID]bool{}
		d := dictate.New(dictate.Config{
			Policy:   dictate.Policy{Keep: 10 * time.Minute, Stale: 30 * time.Second},
			Recorder: c, Typist: c, Log: slog.New(slog.DiscardHandler), Grace: time.Second,
			Watch: func(s dictate.Status) {
				mu.Lock()
				defer mu.Unlock()
				now = s
				if s.Last.Outcome == dictate.Kept {
					kept[s.Last.ID] = true
				} else if s.Last.ID != 0 && s.Last.Outcome != dictate.Typed {
					t.Errorf("%d ended as %v, %s", s.Last.ID, s.Last.Outcome, s.Last.Reason)
				}
			},
		})
		status := func() dictate.Status {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return now
		}
		keys, done := make(chan bound.Event), make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { d.Run(ctx, keys); close(done) }()
		retry := func() {
			if err := d.Send(ctx, dictate.Retry{At: time.Now()}); err != nil {
				t.Error(err)
			}
		}
		for i := range dictations {
			keys <- bound.Event{Down: true, At: time.Now()}
			time.Sleep(time.Duration(500+random.IntN(8000)) * time.Millisecond)
			keys <- bound.Event{At: time.Now()}
			time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
			for status().Waiting > 6 { // a user who sees no text appear stops speaking
				time.Sleep(time.Second)
			}
			if n := status().Kept; n > 3 || n > 0 && i%20 == 0 { // before it is forgotten
				retry()
			}
		}
		for status().Waiting+status().Kept > 0 {
			time.Sleep(5 * time.Second)
			retry()
		}
		cancel()
		<-done
		check(t, c.typed, kept, dictations)
		t.Logf("%d of %d requests failed, %d dictations were kept for a while", failed, asked, len(kept))
		if rate := float64(failed) / float64(asked); rate < 0.4 || rate > 0.6 {
			t.Errorf("%.0f %% of the requests failed, want half", 100*rate)
		}
	})
}

// check reports words that are missing, twice there, or before an earlier one
// although none of both was kept.
func check(t *testing.T, typed []string, kept map[dictate.ID]bool, n int) {
	t.Helper()
	seen := map[string]bool{}
	last := -1
	for _, text := range typed {
		var word int
		if _, err := fmt.Sscanf(text, "word%d", &word); err != nil || seen[text] || text != fmt.Sprintf("word%d", word) {
			t.Errorf("%q was typed twice, or was not said", text)
		}
		seen[text] = true
		if kept[dictate.ID(word+1)] {
			continue
		}
		if word < last {
			t.Errorf("word %d was typed after word %d", word, last)
		}
		last = word
	}
	for i := range n {
		if !seen[fmt.Sprintf("word%d", i)] {
			t.Errorf("word %d was never typed; kept before: %v", i, kept[dictate.ID(i+1)])
		}
	}
}
