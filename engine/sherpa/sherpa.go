// Package sherpa runs models with sherpa-onnx. It is the only package with native code.
// That code ends the process when its input is invalid. Use the package in a separate
// process, on files that were checked.
package sherpa

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	sherpa "github.com/k2-fsa/sherpa-onnx-go/sherpa_onnx"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Model is loaded and can recognize speech. It is not safe for concurrent
// use.
type Model struct {
	rec     *sherpa.OfflineRecognizer
	config  sherpa.OfflineRecognizerConfig
	whisper bool
	choice  bool // the model knows several languages and tasks
}

// Words are what a model wrote about a clip.
type Words struct {
	Text     string
	Language string // the code of the spoken language, if the model reports it
	Full     bool   // the model wrote its maximum; words may be missing
}

// LongestWhisper is how much of a clip Whisper recognizes, without the silence that
// follows it. sherpa-onnx gives Whisper 29.5 s and drops the rest.
const LongestWhisper = 25 * time.Second

const (
	// whisperSilence follows each clip. sherpa-onnx lets Whisper write six
	// tokens for each second of a clip, which is too few for a single word.
	whisperSilence = 2 * time.Second
	whisperTokens  = 6
	// whisperTail is how many hundredths of a second of zeros sherpa-onnx appends after
	// that. With 600, Whisper repeats words and sentences. With 800, the result was the
	// same in 112 clips as with 1000, the default of sherpa-onnx.
	whisperTail = 800
)

// Load loads a model from its folder; threads is the number of threads that it uses. A
// loaded model stays until the process ends.
func Load(m models.Model, folder string, threads int) (*Model, error) {
	c := sherpa.OfflineRecognizerConfig{DecodingMethod: "greedy_search"}
	c.FeatConfig.SampleRate = pcm.Rate
	c.FeatConfig.FeatureDim = 80
	c.ModelConfig.NumThreads = threads
	c.ModelConfig.Provider = "cpu"
	kind, roles, err := m.Roles()
	if err != nil {
		return nil, fmt.Errorf("load %w", err)
	}
	path := func(role string) string { return filepath.Join(folder, roles[role]) }
	c.ModelConfig.Tokens = path(models.Tokens)
	switch kind {
	case models.KindMoonshine:
		c.ModelConfig.Moonshine.Encoder = path(models.Encoder)
		c.ModelConfig.Moonshine.MergedDecoder = path(models.Decoder)
	case models.KindMoonshine4:
		c.ModelConfig.Moonshine.Preprocessor = path(models.Preprocessor)
		c.ModelConfig.Moonshine.Encoder = path(models.Encoder)
		c.ModelConfig.Moonshine.UncachedDecoder = path(models.Uncached)
		c.ModelConfig.Moonshine.CachedDecoder = path(models.Cached)
	case models.KindWhisper:
		c.ModelConfig.Whisper.Encoder = path(models.Encoder)
		c.ModelConfig.Whisper.Decoder = path(models.Decoder)
		c.ModelConfig.Whisper.Task = models.Transcribe
		c.ModelConfig.Whisper.TailPaddings = whisperTail
		if len(m.Languages) == 1 {
			c.ModelConfig.Whisper.Language = m.Languages[0] // otherwise Whisper detects it
		}
	case models.KindTransducer:
		c.ModelConfig.Transducer.Encoder = path(models.Encoder)
		c.ModelConfig.Transducer.Decoder = path(models.Decoder)
		c.ModelConfig.Transducer.Joiner = path(models.Joiner)
		c.ModelConfig.ModelType = "nemo_transducer"
	case models.KindCTC:
		c.ModelConfig.NemoCTC.Model = path(models.Network)
	default:
		return nil, fmt.Errorf("load model %s: unknown kind %q", m.Name, kind)
	}
	rec := sherpa.NewOfflineRecognizer(&c)
	if rec == nil {
		return nil, fmt.Errorf("load model %s: sherpa-onnx refuses it", m.Name)
	}
	return &Model{rec: rec, config: c, whisper: kind == models.KindWhisper, choice: slices.Contains(m.Tasks(), models.Translate)}, nil
}

// Recognize returns what was said in a clip of any rate. language is a code that the
// model knows, or empty to detect it. task is a task of the model, or empty to
// transcribe. Models without a choice ignore both. The time and memory of Recognize grow
// with the square of the clip's length.
func (m *Model) Recognize(c pcm.Clip, language, task string) (Words, error) {
	length := len(c.Samples)
	if m.whisper {
		length += int(whisperSilence.Seconds() * float64(c.Rate))
	}
	samples := make([]float32, length)
	for i, s := range c.Samples {
		samples[i] = float32(s) / 32768
	}
	defer clear(samples)
	if m.choice {
		m.config.ModelConfig.Whisper.Language = language
		m.config.ModelConfig.Whisper.Task = cmp.Or(task, models.Transcribe)
		m.rec.SetConfig(&m.config)
	}
	s := sherpa.NewOfflineStream(m.rec)
	if s == nil {
		return Words{}, errors.New("recognize speech: sherpa-onnx gives no stream")
	}
	defer sherpa.DeleteOfflineStream(s)
	s.AcceptWaveform(c.Rate, samples)
	m.rec.Decode(s)
	r := s.GetResult()
	w := Words{Text: strings.TrimSpace(r.Text)}
	if m.whisper {
		w.Language = r.Lang
		w.Full = len(r.Tokens) >= whisperTokens*length/c.Rate-1
	}
	return w, nil
}
