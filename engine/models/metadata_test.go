package models

import (
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// onnx returns an ONNX file with a graph of so many bytes and this metadata, as
// alternating keys and values.
func onnx(graph int, about ...string) []byte {
	field := func(number uint64, content string) []byte {
		b := binary.AppendUvarint(nil, number<<3|bounded)
		return append(binary.AppendUvarint(b, uint64(len(content))), content...)
	}
	b := binary.AppendUvarint(nil, 1<<3|varint) // ir_version
	b = binary.AppendUvarint(b, 8)
	b = append(b, field(7, strings.Repeat("g", graph))...)
	for i := 0; i < len(about); i += 2 {
		b = append(b, field(metadataField, string(field(keyField, about[i]))+string(field(valueField, about[i+1])))...)
	}
	return b
}

func TestMetadata(t *testing.T) {
	want := map[string]string{"model_type": "EncDecMultiTaskModel", "empty": ""}
	for _, tt := range []struct {
		name string
		b    []byte
		want map[string]string // nil: an error
	}{
		{"small graph", onnx(10, "model_type", "EncDecMultiTaskModel", "empty", ""), want},
		{"graph larger than the buffer", onnx(10<<20, "model_type", "EncDecMultiTaskModel", "empty", ""), want},
		{"none", onnx(10), map[string]string{}},
		{"empty file", nil, map[string]string{}},
		{"text", []byte("garbage"), nil},
		{"cut in the graph", onnx(10000)[:5000], nil},
		{"cut in the metadata", onnx(10, "model_type", "x")[:20], nil},
		{"longer than it is", []byte{14<<3 | bounded, 0xff, 0xff, 0xff, 0x7f}, nil},
		{"length beyond 63 bits", []byte{14<<3 | bounded, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, nil},
		{"too much", onnx(10, "key", strings.Repeat("x", maxMetadata)), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.onnx")
			if err := os.WriteFile(path, tt.b, 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := Metadata(path)
			if (err != nil) != (tt.want == nil) || tt.want != nil && !maps.Equal(got, tt.want) {
				t.Errorf("%v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// FuzzMetadata checks that no content of a file makes metadata panic or return more than
// the file holds.
func FuzzMetadata(f *testing.F) {
	f.Add(onnx(10, "model_type", "x", "a", "b"))
	f.Add([]byte{14<<3 | bounded, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "model.onnx")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		got, _ := Metadata(path)
		n := 0
		for k, v := range got {
			n += len(k) + len(v)
		}
		if n > len(b) {
			t.Errorf("%d bytes out of %d", n, len(b))
		}
	})
}

// TestKindIn checks that the metadata tells kinds with the same files apart, that the kind
// is recorded, and which languages it shows.
func TestKindIn(t *testing.T) {
	pair := []string{"encoder.int8.onnx", "decoder.int8.onnx", "tokens.txt"}
	three := append([]string{"joiner.int8.onnx"}, pair...)
	one := []string{"model.int8.onnx", "tokens.txt"}
	for _, tt := range []struct {
		kind      string
		files     []string
		about     []string
		tokens    int
		languages string // the first of them, and how many follow
	}{
		{KindWhisper, pair, []string{"model_type", "whisper-base"}, 3, "en"},
		{KindWhisper, pair, nil, 3, "en"},
		{KindCanary, pair, []string{"model_type", "EncDecMultiTaskModel"}, 5248, "en de es fr"},
		{KindCanary, pair, []string{"model_type", "EncDecMultiTaskModel"}, 16384, strings.Join(european(), " ")},
		{KindCohere, pair, []string{"model_type", "cohere-transcribe-03-2026"}, 3, "ar de el en es fr it ja ko nl pl pt vi zh"},
		{KindTransducer, three, []string{"model_type", "EncDecRNNTBPEModel"}, 3, ""},
		{KindTransducer, three, nil, 3, ""},
		{KindNemotron, three, []string{"model_type", "EncDecRNNTBPEModel", "cache_last_channel_dim1", "24"}, 3, ""},
		{KindNemotron, three, []string{"cache_last_channel_dim1", "24", "prompt_dictionary", `{"auto": 0, "en-US": 1, "de-DE": 2, "en-GB": 3, "?": 4}`}, 3, "de en"},
		{KindNemotron, three, []string{"cache_last_channel_dim1", "24", "prompt_dictionary", `[]`}, 3, ""},
		{KindZipformer, three, []string{"model_type", "zipformer2"}, 3, ""},
		{KindZipformerOnline, three, []string{"model_type", "zipformer2", "decode_chunk_len", "32"}, 3, ""},
		{KindCTC, one, []string{"model_type", "EncDecCTCModelBPE"}, 3, ""},
		{KindCTC, one, nil, 3, ""},
		{KindSenseVoice, one, []string{"lang_yue", "7", "lang_zh", "3"}, 3, "zh en ja ko yue"},
		{KindQwen3, append([]string{"conv_frontend.onnx", "vocab.json", "merges.txt", "tokenizer_config.json"}, pair[:2]...), nil, 0, strings.Join(qwenLanguages, " ")},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			from := t.TempDir()
			for _, name := range tt.files {
				content := onnx(100)
				switch {
				case name == "tokens.txt":
					content = []byte(strings.Repeat("YQ== 0\n", tt.tokens))
				case strings.HasPrefix(name, "encoder"), strings.HasPrefix(name, "model"):
					content = onnx(100, tt.about...)
				}
				if err := os.WriteFile(filepath.Join(from, name), content, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			p := Puller{Store: Store{Dir: t.TempDir()}, Cache: t.TempDir()}
			if err := p.Pull(t.Context(), "mine", from); err != nil {
				t.Fatal(err)
			}
			m, err := p.Store.Lookup("mine")
			if err != nil || m.Kind != tt.kind || strings.Join(m.Languages, " ") != tt.languages || len(m.Files) != len(tt.files) {
				t.Errorf("%s with %d files, languages %q, %v", m.Kind, len(m.Files), m.Languages, err)
			}
			if kind, roles, err := m.Roles(); err != nil || kind != tt.kind || len(roles) < len(tt.files) {
				t.Errorf("roles: %s, %v, %v", kind, roles, err)
			}
			if m.Can().Name != tt.kind {
				t.Errorf("it can %+v", m.Can())
			}
		})
	}
}
