package main

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// one is a complete result. The gate refused one quiet clip.
func one() results {
	r := results{times: []sweep.Duration{{Part: partGate, Seconds: 90}}}
	r.gate.Commit, r.tail.Commit = "abc1234", "abc1234"
	for range levels {
		var groups []group
		for _, s := range speakers {
			groups = append(groups, group{Name: s.name, Clips: 100})
		}
		r.gate.Speakers = append(r.gate.Speakers, groups)
	}
	r.gate.Speakers[1][0].Wrong = []string{"digits/6"}
	r.gate.Whispers = group{Name: "whispered sentences", Clips: 30}
	r.gate.Words = group{Name: "whispered words", Clips: 12, Wrong: []string{"en+whisper: yes"}}
	r.gate.Noises = group{Name: "noises", Clips: 2000}
	r.gate.Music = group{Name: "music", Clips: 100, Wrong: []string{"song at 10s"}}
	r.tail.Within = []tails{
		{Clips: 200, Median: 120 * time.Millisecond, P95: 240 * time.Millisecond},
		{Fixed: oldTail, Clips: 200, Median: oldTail, P95: oldTail,
			Cut: []cut{{Clip: "en Allison: six", Missing: 50 * time.Millisecond, Whole: "six", Heard: "sick"}}},
	}
	r.tail.Early = []tails{{Fixed: oldTail, Clips: 200, Median: oldTail, P95: oldTail, Cut: make([]cut, 50)}}
	r.tail.Silent = []tails{{Clips: 200, Took: 90 * time.Millisecond, Most: 100 * time.Millisecond}}
	return r
}

// TestPage checks that the page has the results and says which targets were met.
func TestPage(t *testing.T) {
	p := one().page()
	for _, want := range []string{
		"| en Allison, a woman | 100 | 0 | 1 (1.00 %) |\n", "| it Carlo, a man | 100 | 0 | 0 |\n",
		"| **all** | 800 | 0 | 1 (0.12 %) |\n", "At most 0.5 % may be refused 24 dB quieter, room -50 dB. This aim is met.",
		"- en Allison, 24 dB quieter, room -50 dB: digits/6\n",
		"| whispered sentences | 30 | 30 | all | met |\n| whispered words | 12 | 11 |  |  |\n| noises | 2000 | 0 | none | met |\n| music | 100 | 1 (1.00 %) | at most 5 % | met |\n",
		"- whispered words, refused: en+whisper: yes\n",
		"- music, sent: song at 10s\n",
		"| 0 to 150 ms | ends with the voice, at most 400 ms | 200 | 0 | 120 ms | 240 ms |\n| 0 to 150 ms | always 200 ms | 200 | 1 | 200 ms | 200 ms |\n",
		"| 150 to 300 ms | always 200 ms | 200 | 50 | 200 ms | 200 ms |\n",
		"The aim is no cut for a release 0 to 150 ms before the end, and it is met.",
		"- always 200 ms, en Allison: six: 50 ms are missing; Whisper hears \"sick\", of the whole \"six\"\n",
		"| ends with the voice, at most 400 ms | 200 | 90 ms | 100 ms |\n\nThe aim is at most 120 ms, and it is met.",
		"Measured with vocoder abc1234.", "| `gate` | 1.5 minutes |",
	} {
		if !strings.Contains(p, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(p)
	}
	if p := (results{}).page(); strings.Count(p, notRun) != 5 {
		t.Errorf("nothing was measured, and the page does not say so:\n%s", p)
	}
}

// TestMissed checks that a missed target is an error, and that the page has it.
func TestMissed(t *testing.T) {
	r := one()
	if err := r.gate.missed(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	if err := r.tail.missed(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	for name, spoil := range map[string]func(r *results){
		"a voice":        func(r *results) { r.gate.Speakers[0][3].Wrong = []string{"a"} },
		"a quiet voice":  func(r *results) { r.gate.Speakers[1][3].Wrong = make([]string, 4) },
		"a whisper":      func(r *results) { r.gate.Whispers.Wrong = []string{"a"} },
		"a noise":        func(r *results) { r.gate.Noises.Wrong = []string{"a"} },
		"music":          func(r *results) { r.gate.Music.Wrong = make([]string, 6) },
		"a cut word":     func(r *results) { r.tail.Within[0].Cut = []cut{{}} },
		"a slow release": func(r *results) { r.tail.Silent[0].Most = silenceMost + 1 },
	} {
		r := one()
		spoil(&r)
		if r.gate.missed() == nil && r.tail.missed() == nil {
			t.Errorf("%s: got no error", name)
		}
		if !strings.Contains(r.page(), "**not met**") {
			t.Errorf("%s: the page does not say that the aim is not met", name)
		}
	}
}

// TestLoad checks that results are kept by name and read again.
func TestLoad(t *testing.T) {
	t.Chdir(t.TempDir())
	want := one()
	for name, v := range map[string]any{partGate: want.gate, partTail: want.tail, "time-gate": want.times[0]} {
		if err := sweep.Save(kept, name, v); err != nil {
			t.Fatal(err)
		}
	}
	got, err := loadAll(kept)
	if err != nil {
		t.Fatal(err)
	}
	if got.page() != want.page() {
		t.Error("the page of what was kept is another")
	}
}

// tone returns a tone with a level in dB.
func tone(d time.Duration, level float64) []int16 {
	s := make([]int16, count(d))
	for i := range s {
		s[i] = int16(math.Sqrt2 * -math.MinInt16 * math.Pow(10, level/20) * math.Sin(float64(i)))
	}
	return s
}

// A frame belongs to the voice if it is at most 25 dB below the speech.
func TestVoiced(t *testing.T) {
	speech := slices.Concat(tone(100*time.Millisecond, -20), tone(20*time.Millisecond, -43), tone(30*time.Millisecond, -48))
	if got, want := voiced(speech), append(slices.Repeat([]bool{true}, 12), false, false, false); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := voiced(make([]int16, count(frame))); got[0] {
		t.Error("silence is a voice")
	}
}

// A recording that ends before the voice has lost the rest of it.
func TestMeasureTails(t *testing.T) {
	const length = 500 * time.Millisecond
	clip := take{name: "a", sound: pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, count(2*time.Second))}, voice: make([]bool, length/frame)}
	for i := 20; i < 48; i++ {
		clip.voice[i] = true // until 480 ms
	}
	for _, tt := range []struct {
		end, missing time.Duration
	}{{480 * time.Millisecond, 0}, {460 * time.Millisecond, 0}, {450 * time.Millisecond, 30 * time.Millisecond}, {300 * time.Millisecond, 180 * time.Millisecond}} {
		r := measureTails([]take{clip}, []recording{{Release: 200 * time.Millisecond, End: tt.end, Took: time.Second}}, 0)
		if tail := tt.end - 200*time.Millisecond; r.Median != tail || r.P95 != tail || r.Took != time.Second {
			t.Errorf("%v: got %+v", tt.end, r)
		}
		if missing := sumMissing(r.Cut); missing != tt.missing {
			t.Errorf("%v: %v are missing, want %v", tt.end, missing, tt.missing)
		}
	}
}

func sumMissing(cuts []cut) (all time.Duration) {
	for _, c := range cuts {
		all += c.Missing
	}
	return all
}

func TestPercentile(t *testing.T) {
	all := []time.Duration{4e6, 2e6, 3e6, 1e6}
	for percent, want := range map[int]time.Duration{1: 1e6, 25: 1e6, 50: 2e6, 95: 4e6, 100: 4e6} {
		if got := percentile(all, percent); got != want {
			t.Errorf("%d: got %v, want %v", percent, got, want)
		}
	}
}

// A clip in a room has the room before and after it, and its own loudness.
func TestRoom(t *testing.T) {
	c := levels[1].in(pcm.Clip{Rate: pcm.Rate, Samples: tone(100*time.Millisecond, -20)}, speech.RoomBefore, speech.RoomAfter, 1)
	if c.Duration() != 650*time.Millisecond {
		t.Errorf("%v long", c.Duration())
	}
	for _, part := range []struct {
		name     string
		from, to time.Duration
		want     float64
	}{{"before", 0, 200 * time.Millisecond, -50}, {"clip", 200 * time.Millisecond, 300 * time.Millisecond, -43}, {"after", 300 * time.Millisecond, 650 * time.Millisecond, -50}} {
		sum := 0.0
		samples := c.Samples[count(part.from):count(part.to)]
		for _, v := range samples {
			sum += float64(v) * float64(v)
		}
		if got := 10 * math.Log10(sum/float64(len(samples))/(1<<30)); math.Abs(got-part.want) > 0.5 {
			t.Errorf("%s: %.1f dB, want %.0f", part.name, got, part.want)
		}
	}
}

func TestWordless(t *testing.T) {
	for name, want := range map[string]bool{"beep": true, "confbridge-join": true, "silence/3": true, "hello": false, "digits/1": false} {
		if wordless(name) != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
}
