// Package sherpa runs models with sherpa-onnx. It is the only package with native code.
// That code ends the process when its input is invalid. Use the package in a separate
// process, on files that were checked.
package sherpa

// #include <stdlib.h>
// #include "library.h"
import "C"

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Model is loaded and can recognize speech. It is not safe for concurrent use.
type Model struct {
	kind    models.Kind
	options options
	offline *C.SherpaOnnxOfflineRecognizer // nil if the model streams
	online  *C.SherpaOnnxOnlineRecognizer
}

// Options are how to recognize a clip.
type Options struct {
	Language string // a code that the model knows; empty: detect
	Task     string // a task of the model; empty: transcribe
	HotWords string // words to prefer, one a line, the most important first
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

	// streamTail follows a clip of a model that streams, which recognizes a sound only
	// when the next ones have arrived. The largest chunk of such models is 1.12 s.
	streamTail = 1200 * time.Millisecond
)

// Load loads a model from its folder; threads is the number of threads that it uses.
func Load(m models.Model, folder string, threads int) (*Model, error) {
	kind, roles, err := m.Roles()
	if err != nil {
		return nil, fmt.Errorf("load %w", err)
	}
	if err := open(); err != nil {
		return nil, fmt.Errorf("load model %s: %w", m.Name, err)
	}
	m.Kind = kind
	o := options{kind: kind, threads: threads, paths: map[string]string{}, folder: folder}
	for role, name := range roles {
		o.paths[role] = filepath.Join(folder, name)
	}
	if len(m.Languages) == 1 {
		o.language = m.Languages[0]
	}
	l := &Model{kind: m.Can(), options: o}
	if err := l.load(); err != nil {
		return nil, fmt.Errorf("load model %s: %w", m.Name, err)
	}
	return l, nil
}

// load loads the networks.
func (m *Model) load() error {
	c := newConfig(m.options)
	defer c.free()
	if m.kind.Streams {
		m.online = C.vocoder_create_online(c.online())
	} else {
		m.offline = C.vocoder_create(c.offline())
	}
	if m.online == nil && m.offline == nil {
		return errors.New("sherpa-onnx refuses it")
	}
	return nil
}

// Close frees the memory of the model.
func (m *Model) Close() {
	m.unload()
	m.options.prompt = nil
}

// unload frees the networks.
func (m *Model) unload() {
	if m.offline != nil {
		C.vocoder_destroy(m.offline)
	}
	if m.online != nil {
		C.vocoder_destroy_online(m.online)
	}
	m.offline, m.online = nil, nil
}

// Recognize returns what was said in a clip of any rate. Models that do not translate
// ignore the task, those that have no use for hot words ignore these. The time and memory
// of Recognize grow with the square of the clip's length.
func (m *Model) Recognize(c pcm.Clip, o Options) (Words, error) {
	hot := m.hotWords(o.HotWords)
	w, err := m.recognize(c, o, hot)
	if err == nil && m.needsPrompt(w, o, hot) {
		if prompted, err := m.recognizePrompted(c, w.Language, o, hot); err == nil && prompted.Text != "" {
			return prompted, nil
		}
	}
	return w, err
}

// recognize is Recognize with hot words in the form of the model.
func (m *Model) recognize(c pcm.Clip, o Options, hot string) (Words, error) {
	if m.offline == nil && m.online == nil { // it could not be loaded again
		if err := m.load(); err != nil {
			return Words{}, err
		}
	}
	if err := m.prepare(o, hot); err != nil {
		return Words{}, err
	}
	length := len(c.Samples)
	switch {
	case m.kind.Name == models.KindWhisper:
		length += int(whisperSilence.Seconds() * float64(c.Rate))
	case m.kind.Streams:
		length += int(streamTail.Seconds() * float64(c.Rate))
	}
	samples := make([]float32, length)
	for i, s := range c.Samples {
		samples[i] = float32(s) / 32768
	}
	defer clear(samples)
	a := new(arena)
	defer a.free()
	clip := a.clip(samples, c.Rate)
	switch m.kind.Name {
	case models.KindQwen3:
		clip.words = a.text(hot)
	case models.KindWhisper: // they are in its prompt
	default:
		clip.hotwords = a.text(hot)
	}
	clip.language = a.text(m.spoken(o.Language))
	if m.kind.Streams {
		return m.stream(clip)
	}
	r := C.vocoder_recognize(m.offline, clip)
	if r == nil {
		return Words{}, errors.New("recognize speech: sherpa-onnx gives no result")
	}
	defer C.vocoder_forget(r)
	w := Words{Text: strings.TrimSpace(C.GoString(r.text))}
	switch m.kind.Name {
	case models.KindWhisper:
		w.Language = C.GoString(r.lang)
		if p := m.options.prompt; p != nil && !p.detects {
			w.Language = p.language
		}
		w.Full = int(r.count) >= whisperTokens*length/c.Rate-1
	case models.KindSenseVoice:
		w.Language = strings.Trim(C.GoString(r.lang), "<|>")
	}
	return w, nil
}

// stream recognizes a clip with a model that streams.
func (m *Model) stream(clip *C.vocoder_clip) (Words, error) {
	text := C.vocoder_follow(m.online, clip)
	if text == nil {
		return Words{}, errors.New("recognize speech: sherpa-onnx gives no result")
	}
	defer C.free(unsafe.Pointer(text))
	return Words{Text: strings.TrimSpace(C.GoString(text))}, nil
}
