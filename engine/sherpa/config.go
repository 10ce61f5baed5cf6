package sherpa

// #include <stdlib.h>
// #include "library.h"
import "C"

import (
	"cmp"
	"runtime"
	"unsafe"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// options are how sherpa-onnx loads and runs it.
type options struct {
	kind     string
	folder   string
	paths    map[string]string // of the files, by role
	threads  int
	language string // the only one of the model, or that of a clip; empty: detect
	task     string

	vocabulary *vocabulary // of a transducer, when hot words were first named
	beam       bool        // decode with hot words

	prompt *prompt // of Whisper; nil: none
}

// An arena owns what C code reads during a call.
type arena struct {
	texts  []unsafe.Pointer
	pinned runtime.Pinner
}

// text returns a C string, or NULL for an empty one.
func (a *arena) text(s string) *C.char {
	if s == "" {
		return nil
	}
	c := C.CString(s)
	a.texts = append(a.texts, unsafe.Pointer(c))
	return c
}

// clip returns a clip for C code.
func (a *arena) clip(samples []float32, rate int) *C.vocoder_clip {
	c := &C.vocoder_clip{rate: C.int32_t(rate), count: C.int32_t(len(samples))}
	if len(samples) > 0 {
		a.pinned.Pin(&samples[0])
		c.samples = (*C.float)(&samples[0])
	}
	return c
}

func (a *arena) free() {
	for _, t := range a.texts {
		C.free(t)
	}
	a.pinned.Unpin()
	a.texts = nil
}

// A config makes the configurations of sherpa-onnx.
type config struct {
	options
	arena
}

func newConfig(o options) *config { return &config{options: o} }

func (c *config) path(role string) *C.char { return c.text(c.paths[role]) }

// The decoding methods of sherpa-onnx, and its parameters for hot words: how many
// hypotheses it follows, and how much a hot word is preferred for each of its tokens.
const (
	greedy    = "greedy_search"
	beam      = "modified_beam_search"
	beamPaths = 4
	beamScore = 1.5
)

// The limits of Qwen3-ASR in tokens: of sound, prompt and text together, and of the text.
// 30 s of sound are 390 tokens, and of fast speech 150.
const (
	qwenTotal = 1024
	qwenText  = 256
)

// offline returns the configuration of a model that gets whole clips.
func (c *config) offline() *C.SherpaOnnxOfflineRecognizerConfig {
	o := &C.SherpaOnnxOfflineRecognizerConfig{decoding_method: c.text(greedy)}
	o.feat_config.sample_rate, o.feat_config.feature_dim = pcm.Rate, 80
	m := &o.model_config
	m.num_threads = C.int32_t(c.threads)
	m.provider = c.text("cpu")
	m.tokens = c.path(models.Tokens)
	switch c.kind {
	case models.KindMoonshine:
		m.moonshine.encoder, m.moonshine.merged_decoder = c.path(models.Encoder), c.path(models.Decoder)
	case models.KindMoonshine4:
		m.moonshine.preprocessor, m.moonshine.encoder = c.path(models.Preprocessor), c.path(models.Encoder)
		m.moonshine.uncached_decoder, m.moonshine.cached_decoder = c.path(models.Uncached), c.path(models.Cached)
	case models.KindWhisper:
		m.whisper.encoder, m.whisper.decoder = c.path(models.Encoder), c.path(models.Decoder)
		m.whisper.language = c.text(c.language)
		m.whisper.task = c.text(cmp.Or(c.task, models.Transcribe))
		m.whisper.tail_paddings = whisperTail
	case models.KindCanary:
		m.canary.encoder, m.canary.decoder = c.path(models.Encoder), c.path(models.Decoder)
		m.canary.src_lang, m.canary.tgt_lang = c.text(c.language), c.text(c.written())
		m.canary.use_pnc = 1
	case models.KindCohere:
		m.cohere_transcribe.encoder, m.cohere_transcribe.decoder = c.path(models.Encoder), c.path(models.Decoder)
		m.cohere_transcribe.language = c.text(c.language)
		m.cohere_transcribe.use_punct, m.cohere_transcribe.use_itn = 1, 1
	case models.KindQwen3:
		m.qwen3_asr.conv_frontend = c.path(models.Frontend)
		m.qwen3_asr.encoder, m.qwen3_asr.decoder = c.path(models.Encoder), c.path(models.Decoder)
		m.qwen3_asr.tokenizer = c.text(c.folder)
		m.qwen3_asr.max_total_len, m.qwen3_asr.max_new_tokens = qwenTotal, qwenText
	case models.KindTransducer, models.KindZipformer:
		m.transducer.encoder, m.transducer.decoder = c.path(models.Encoder), c.path(models.Decoder)
		m.transducer.joiner = c.path(models.Joiner)
		m.model_type = c.text("transducer")
		if c.kind == models.KindTransducer {
			m.model_type = c.text("nemo_transducer")
		}
		if c.beam {
			o.decoding_method, o.max_active_paths, o.hotwords_score = c.text(beam), beamPaths, beamScore
			m.modeling_unit, m.bpe_vocab = c.text("bpe"), c.text(c.vocabulary.path())
		}
	case models.KindCTC:
		m.nemo_ctc.model = c.path(models.Network)
	case models.KindSenseVoice:
		m.sense_voice.model = c.path(models.Network)
		m.sense_voice.language = c.text(cmp.Or(c.language, "auto"))
		m.sense_voice.use_itn = 1
	default:
		panic("sherpa: no configuration of " + c.kind)
	}
	return o
}

// online returns the configuration of a model that streams.
func (c *config) online() *C.SherpaOnnxOnlineRecognizerConfig {
	o := &C.SherpaOnnxOnlineRecognizerConfig{decoding_method: c.text(greedy)}
	o.feat_config.sample_rate, o.feat_config.feature_dim = pcm.Rate, 80
	m := &o.model_config
	m.num_threads = C.int32_t(c.threads)
	m.provider = c.text("cpu")
	m.tokens = c.path(models.Tokens)
	m.transducer.encoder, m.transducer.decoder = c.path(models.Encoder), c.path(models.Decoder)
	m.transducer.joiner = c.path(models.Joiner)
	if c.beam {
		o.decoding_method, o.max_active_paths, o.hotwords_score = c.text(beam), beamPaths, beamScore
		m.modeling_unit, m.bpe_vocab = c.text("bpe"), c.text(c.vocabulary.path())
	}
	return o
}

// written returns the language in which Canary writes.
func (o options) written() string {
	if o.task == models.Translate {
		return "en"
	}
	return o.language
}

// prepare makes the model ready for the options of a clip. Whisper and Canary take the
// language and task with their configuration. A transducer decodes in another way from
// the first clip with hot words on, and is loaded again for it.
func (m *Model) prepare(o Options, hot string) error {
	if m.kind.Name == models.KindWhisper {
		language := cmp.Or(o.Language, m.options.language)
		if err := m.setPrompt(language, cmp.Or(o.Task, models.Transcribe), hot, language == ""); err != nil {
			return err
		}
	}
	if (m.kind.Translates || m.kind.Name == models.KindSenseVoice) && m.kind.Obeys {
		now := m.options
		now.language, now.task = cmp.Or(o.Language, now.language), o.Task
		c := newConfig(now)
		defer c.free()
		C.vocoder_configure(m.offline, c.offline())
		return nil
	}
	if hot == "" || m.options.beam || m.kind.Name == models.KindQwen3 || m.kind.Name == models.KindWhisper {
		return nil
	}
	m.options.beam = true
	m.unload()
	return m.load()
}

// spoken returns the language of a clip as the model's stream takes it, or an empty string
// if it takes none.
func (m *Model) spoken(code string) string {
	switch {
	case code == "":
		return ""
	case m.kind.Name == models.KindCohere, m.kind.Name == models.KindSenseVoice, m.kind.Name == models.KindNemotron:
		return code
	case m.kind.Name == models.KindQwen3:
		return language.Name(code)
	}
	return ""
}
