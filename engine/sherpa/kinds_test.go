package sherpa_test

import (
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/internal/onnxtest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// tone is a second of a rising tone.
func tone() pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}
	for i := range c.Samples {
		c.Samples[i] = int16(8000 * math.Sin(float64(i)*float64(i)/40000))
	}
	return c
}

// install returns a made model from a store, as pull and serve see it.
func install(t testing.TB, build func(testing.TB, string)) (models.Model, string) {
	t.Helper()
	from := t.TempDir()
	build(t, from)
	p := models.Puller{Store: models.Store{Dir: t.TempDir()}, Cache: t.TempDir()}
	if err := p.Pull(t.Context(), "made", from); err != nil {
		t.Fatal(err)
	}
	m, err := p.Store.Lookup("made")
	if err != nil {
		t.Fatal(err)
	}
	return m, p.Store.Folder("made")
}

type request struct {
	language, task, hot string
	want                string
	clip                pcm.Clip // without one: tone
}

// made are models of each kind whose weights are not to be had here, with what they answer.
var made = []struct {
	kind     string
	build    func(testing.TB, string)
	requests []request
}{
	{models.KindTransducer, onnxtest.Transducer, []request{
		{want: "alpha"}, {language: "de", want: "alpha"}, {hot: "beta", want: "beta"}, {want: "alpha"}, {hot: "gamma\nbeta", want: "beta"}, {hot: "Жук\n:#@/", want: "alpha"},
	}},
	{models.KindTransducer, onnxtest.TDT, []request{{want: "alpha"}, {hot: "beta", want: "beta"}, {want: "alpha"}}},
	{models.KindNemotron, onnxtest.Nemotron, []request{
		{want: "alpha"}, {language: "en", want: "alpha"}, {language: "de", want: "beta"}, {language: "fr", want: "alpha"}, {hot: "beta", want: "beta"}, {want: "alpha"},
	}},
	{models.KindZipformer, onnxtest.Zipformer, []request{{want: "alpha"}, {hot: "beta", want: "beta"}, {want: "alpha"}}},
	{models.KindZipformerOnline, onnxtest.ZipformerOnline, []request{{want: "alpha"}, {hot: "beta", want: "beta"}, {want: "alpha"}}},
	{models.KindCTC, onnxtest.CTC, []request{{want: "alpha"}}},
	{models.KindCanary, onnxtest.Canary, []request{
		{language: "de", want: "from-de to-de"}, {language: "fr", task: models.Translate, want: "from-fr to-en"}, {language: "es", want: "from-es to-es"},
	}},
	{models.KindCohere, onnxtest.Cohere, []request{{language: "de", want: "in-de"}, {language: "zh", want: "in-zh"}, {language: "en", want: "in-en"}}},
	{models.KindSenseVoice, onnxtest.SenseVoice, []request{
		{want: "in-auto"}, {language: "ja", want: "in-ja"}, {language: "yue", want: "in-yue"}, {want: "in-auto"},
	}},
	{models.KindQwen3, onnxtest.Qwen3, []request{
		{want: "b"}, {language: "de", want: letter("language German", asrText)}, {language: "en", want: letter("language English", asrText)},
		{hot: "beta", want: letter("beta", 0)}, {hot: "beta\ngamma", want: letter("beta gamma", 0)}, {want: "b"},
	}},
	{models.KindWhisper, onnxtest.Whisper, []request{
		{want: "en transcribe 0"}, {language: "de", want: "de transcribe 0"}, {language: "fr", task: models.Translate, want: "fr translate 0"},
		{language: "de", hot: "beta", want: "de transcribe 7"}, {language: "fr", want: "fr transcribe 0"},
	}},
	{models.KindMoonshine4, onnxtest.Moonshine4, []request{{want: "alpha"}}},
}

// asrText is the token that follows the language in the prompt of Qwen3-ASR.
const asrText = 262

// letter returns what the made Qwen3-ASR says if its prompt also holds a text and a token.
// Its tokens are bytes. For the prompt alone it says b.
func letter(text string, token int) string {
	sum := token + 'b' - 'a'
	for _, b := range []byte(text) {
		sum += int(b)
	}
	return string(rune('a' + sum%26))
}

// TestKinds: a model of each kind loads, answers, and obeys the language, task and hot words
// of each clip alone.
func TestKinds(t *testing.T) {
	librarytest.Need(t)
	for _, tt := range made {
		t.Run(tt.kind, func(t *testing.T) {
			m, folder := install(t, tt.build)
			if m.Kind != tt.kind {
				t.Fatalf("taken for %s", m.Kind)
			}
			l, err := sherpa.Load(m, folder, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for _, r := range tt.requests {
				w, err := l.Recognize(tone(), sherpa.Options{Language: r.language, Task: r.task, HotWords: r.hot})
				if err != nil || w.Text != r.want {
					t.Errorf("%+v: %q, %v", r, w.Text, err)
				}
			}
		})
	}
}

// TestKindsClips: no clip ends the process of a model, however short, long, loud or quiet it
// is.
func TestKindsClips(t *testing.T) {
	librarytest.Need(t)
	silence := func(samples, rate int) pcm.Clip { return pcm.Clip{Rate: rate, Samples: make([]int16, samples)} }
	loud := tone()
	for i := range loud.Samples {
		loud.Samples[i] = []int16{math.MaxInt16, math.MinInt16}[i/50%2]
	}
	whole := tone().Samples
	clips := []pcm.Clip{
		{Rate: pcm.Rate, Samples: whole[:160]}, {Rate: pcm.Rate, Samples: whole[:800]}, {Rate: pcm.Rate, Samples: whole[:1600]},
		silence(160, pcm.Rate), silence(16000, pcm.Rate), loud,
		{Rate: 8000, Samples: whole}, {Rate: 48000, Samples: whole}, {Rate: 11025, Samples: whole[:1103]}, {Rate: 192000, Samples: whole},
		{Rate: pcm.Rate, Samples: slices.Repeat(whole, 30)},
	}
	for _, tt := range made {
		t.Run(tt.kind, func(t *testing.T) {
			m, folder := install(t, tt.build)
			l, err := sherpa.Load(m, folder, 2)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for _, c := range clips {
				if _, err := l.Recognize(c, sherpa.Options{Language: tt.requests[0].language}); err != nil {
					t.Errorf("%v at %d Hz: %v", c.Duration(), c.Rate, err)
				}
			}
			if w, err := l.Recognize(tone(), sherpa.Options{Language: tt.requests[0].language}); err != nil || w.Text != tt.requests[0].want {
				t.Errorf("afterwards: %q, %v", w.Text, err)
			}
		})
	}
}

// resident returns how many bytes of memory the process has.
func resident(t *testing.T) int64 {
	t.Helper()
	debug.FreeOSMemory()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// TestKindsFree: a closed model of each kind frees its memory.
func TestKindsFree(t *testing.T) {
	if testing.Short() {
		t.Skip("it loads 23 models of each kind")
	}
	librarytest.Need(t)
	const first, times = 3, 20
	for _, tt := range made {
		t.Run(tt.kind, func(t *testing.T) {
			m, folder := install(t, tt.build)
			var before int64
			for i := range first + times {
				if i == first {
					before = resident(t)
				}
				l, err := sherpa.Load(m, folder, 1)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range tt.requests[:min(2, len(tt.requests))] {
					if _, err := l.Recognize(tone(), sherpa.Options{Language: r.language, Task: r.task, HotWords: r.hot}); err != nil {
						t.Fatal(err)
					}
				}
				l.Close()
			}
			grown := resident(t) - before
			t.Logf("%d KB more after %d loads", grown>>10, times)
			if grown > times/2*onnxtest.Ballast {
				t.Errorf("%d MB more after %d loads of a model of %d MB", grown>>20, times, onnxtest.Ballast>>20)
			}
		})
	}
}
