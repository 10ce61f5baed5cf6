// Package sherpa runs models with sherpa-onnx. It is the only package with
// native code, which ends the process when it does not like what it is given:
// use it in a process of its own, on files that were checked.
package sherpa

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	sherpa "github.com/k2-fsa/sherpa-onnx-go/sherpa_onnx"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Model is loaded and can recognise speech. It is not safe for concurrent
// use.
type Model struct {
	rec *sherpa.OfflineRecognizer
}

// Load loads a model from its folder; threads is how many it may compute
// with. What is loaded stays until the process ends.
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
		c.ModelConfig.Whisper.Task = "transcribe"
		c.ModelConfig.Whisper.TailPaddings = -1 // its own
		if len(m.Languages) == 1 {
			c.ModelConfig.Whisper.Language = m.Languages[0] // else it finds out
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
	return &Model{rec}, nil
}

// Text returns the words of a clip of any rate. It takes time and memory that
// grow with the square of the clip's length.
func (m *Model) Text(c pcm.Clip) (string, error) {
	samples := make([]float32, len(c.Samples))
	for i, s := range c.Samples {
		samples[i] = float32(s) / 32768
	}
	defer clear(samples)
	s := sherpa.NewOfflineStream(m.rec)
	if s == nil {
		return "", errors.New("recognise speech: sherpa-onnx gives no stream")
	}
	defer sherpa.DeleteOfflineStream(s)
	s.AcceptWaveform(c.Rate, samples)
	m.rec.Decode(s)
	return strings.TrimSpace(s.GetResult().Text), nil
}
