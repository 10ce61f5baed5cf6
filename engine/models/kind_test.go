package models

import (
	"errors"
	"testing"
)

// TestRecognize checks the kinds of models by the names of their files, as sherpa-onnx
// publishes them.
func TestRecognize(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []string
		kind  string
		roles map[string]string
	}{
		{"whisper, both precisions", []string{"tiny.en-encoder.onnx", "tiny.en-encoder.int8.onnx", "tiny.en-decoder.int8.onnx", "tiny.en-decoder.onnx", "tiny.en-tokens.txt", "README.md"},
			KindWhisper, map[string]string{Encoder: "tiny.en-encoder.int8.onnx", Decoder: "tiny.en-decoder.int8.onnx", Tokens: "tiny.en-tokens.txt"}},
		{"whisper with weights apart", []string{"large-v3-encoder.onnx", "large-v3-encoder.weights", "large-v3-decoder.onnx", "large-v3-tokens.txt"},
			KindWhisper, map[string]string{Encoder: "large-v3-encoder.onnx", Decoder: "large-v3-decoder.onnx", Tokens: "large-v3-tokens.txt"}},
		{"parakeet tdt", []string{"encoder.int8.onnx", "decoder.int8.onnx", "joiner.int8.onnx", "tokens.txt"},
			KindTransducer, map[string]string{Encoder: "encoder.int8.onnx", Decoder: "decoder.int8.onnx", Joiner: "joiner.int8.onnx", Tokens: "tokens.txt"}},
		{"moonshine in four", []string{"preprocess.onnx", "encode.int8.onnx", "uncached_decode.int8.onnx", "cached_decode.int8.onnx", "tokens.txt"},
			KindMoonshine4, map[string]string{Preprocessor: "preprocess.onnx", Encoder: "encode.int8.onnx", Uncached: "uncached_decode.int8.onnx", Cached: "cached_decode.int8.onnx", Tokens: "tokens.txt"}},
		{"parakeet ctc", []string{"model.int8.onnx", "tokens.txt"}, KindCTC, map[string]string{Network: "model.int8.onnx", Tokens: "tokens.txt"}},
		{"no tokens", []string{"encoder.onnx", "decoder.onnx"}, "", nil},
		{"no decoder", []string{"encoder.onnx", "tokens.txt"}, "", nil},
		{"of transformers", []string{"encoder_model.onnx", "decoder_model.onnx", "tokenizer.json"}, "", nil},
		{"nothing", nil, "", nil},
	} {
		kind, roles, err := recognize(tt.files)
		if kind != tt.kind || (tt.kind == "") != errors.Is(err, ErrForeign) {
			t.Errorf("%s: %q, %v", tt.name, kind, err)
		}
		for r, want := range tt.roles {
			if roles[r] != want {
				t.Errorf("%s: %s is %q, want %q", tt.name, r, roles[r], want)
			}
		}
	}
	kind, roles, err := tiny.Roles()
	if err != nil || kind != KindMoonshine || roles[Decoder] != "decoder_model_merged.onnx" || roles[Encoder] != "encoder_model.onnx" {
		t.Errorf("the default model: %s, %v, %v", kind, roles, err)
	}
}
