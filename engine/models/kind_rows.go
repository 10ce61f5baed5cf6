package models

import "strings"

// The kinds of model.
const (
	KindMoonshine       = "moonshine"           // Moonshine with one merged decoder
	KindMoonshine4      = "moonshine-4"         // Moonshine in four parts, as it was published first
	KindWhisper         = "whisper"             // OpenAI Whisper and models distilled from it
	KindTransducer      = "transducer"          // Parakeet TDT and RNNT of NeMo
	KindNemotron        = "nemotron"            // the same, streaming
	KindZipformer       = "zipformer"           // transducers of Next-gen Kaldi
	KindZipformerOnline = "zipformer-streaming" // the same, streaming
	KindCTC             = "nemo-ctc"            // Parakeet CTC and other CTC models of NeMo
	KindCanary          = "canary"              // Canary of NeMo
	KindSenseVoice      = "sense-voice"         // SenseVoice of FunASR
	KindCohere          = "cohere"              // Cohere Transcribe
	KindQwen3           = "qwen3"               // Qwen3-ASR
)

// A Kind is a family of models: how its files are known, and what its models can do.
type Kind struct {
	Name string

	// Detects means that a model finds out the language if none is named.
	Detects bool
	// Obeys means that a model writes in the language that is named. Others find it out
	// in any case.
	Obeys bool
	// Translates means that a model that knows several languages translates into English.
	Translates bool
	// Punctuates means that a model writes punctuation and capital letters.
	Punctuates bool
	// HotWords means that a model prefers words that a request names.
	HotWords bool
	// Streams means that a model could recognize while a clip arrives. The engine gives it
	// the whole clip.
	Streams bool
	// Languages are the languages of all models of the kind; nil: each has its own.
	Languages []string

	roles []string                           // the files
	is    func(about map[string]string) bool // by the metadata of the encoder or network
}

// kinds are the kinds of models. Kinds with more files come first: the first kind whose
// roles all exist is the kind of a model, unless the metadata shows another kind with the
// same roles. Source: the examples of sherpa-onnx for each family
// (k2-fsa.github.io/sherpa/onnx/pretrained_models), and what its C++ code reads.
var kinds = []Kind{
	{Name: KindQwen3, roles: []string{Frontend, Encoder, Decoder, Vocabulary, Merges, Tokenizer},
		Detects: true, Obeys: true, Punctuates: true, HotWords: true, Languages: qwenLanguages},
	{Name: KindMoonshine4, roles: []string{Preprocessor, Encoder, Uncached, Cached, Tokens}, Punctuates: true},

	{Name: KindTransducer, roles: transducer, Detects: true, Punctuates: true, HotWords: true},
	{Name: KindNemotron, roles: transducer, is: has("cache_last_channel_dim1"), Detects: true, Obeys: true, Punctuates: true, HotWords: true, Streams: true},
	{Name: KindZipformerOnline, roles: transducer, is: has("decode_chunk_len"), Detects: true, HotWords: true, Streams: true},
	{Name: KindZipformer, roles: transducer, is: modelType("zipformer", "zipformer2", "conformer"), Detects: true, HotWords: true},

	{Name: KindMoonshine, roles: []string{Encoder, Merged, Tokens}, Punctuates: true},

	{Name: KindWhisper, roles: encoderDecoder, Detects: true, Obeys: true, Translates: true, Punctuates: true, HotWords: true},
	{Name: KindCanary, roles: encoderDecoder, is: modelType("EncDecMultiTaskModel"), Obeys: true, Translates: true, Punctuates: true},
	{Name: KindCohere, roles: encoderDecoder, is: modelType("cohere-transcribe"), Obeys: true, Punctuates: true,
		Languages: []string{"ar", "de", "el", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "vi", "zh"}},

	{Name: KindCTC, roles: single, Detects: true, Punctuates: true},
	{Name: KindSenseVoice, roles: single, is: has("lang_yue"), Detects: true, Obeys: true, Punctuates: true,
		Languages: []string{"zh", "en", "ja", "ko", "yue"}},
}

var (
	transducer     = []string{Encoder, Decoder, Joiner, Tokens}
	encoderDecoder = []string{Encoder, Decoder, Tokens}
	single         = []string{Network, Tokens}
)

// qwenLanguages are those of Qwen3-ASR, without the dialects of Chinese
// (github.com/QwenLM/Qwen3-ASR).
var qwenLanguages = strings.Fields("zh en yue ar de fr es pt id it ko ru th vi ja tr hi ms nl sv da fi pl cs fil fa el hu mk ro")

// modelType returns a function that reports whether metadata has a model_type that begins
// with one of these words.
func modelType(prefixes ...string) func(map[string]string) bool {
	return func(about map[string]string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(about["model_type"], p) && !has("decode_chunk_len")(about) {
				return true
			}
		}
		return false
	}
}

// has returns a function that reports whether metadata has a key.
func has(key string) func(map[string]string) bool {
	return func(about map[string]string) bool { _, is := about[key]; return is }
}

// Can returns the kind of the model. It has no name if the kind is not known.
func (m Model) Can() Kind {
	for _, k := range kinds {
		if k.Name == m.Kind {
			return k
		}
	}
	return Kind{}
}
