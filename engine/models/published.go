package models

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
)

// hubAddress is where the repositories are published in which models are.
const hubAddress = "https://huggingface.co"

// A hub is a repository of Hugging Face at one commit. It is where the files of a pinned
// model are published.
type hub struct {
	repo, commit string
	paths        map[string]string // the path of a file in the repository, if that is not its name
}

// address returns the address of a file below base, the address of the hub or of a mirror
// with the same paths. Source: huggingface.co/docs/huggingface_hub/guides/download.
func (h hub) address(base, file string) string {
	path := h.paths[file]
	if path == "" {
		path = file
	}
	return base + "/" + h.repo + "/resolve/" + h.commit + "/" + path
}

//go:embed moonshine-tokens.txt.gz
var moonshineTokens []byte

// unzip returns a file that this program brings along.
func unzip(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// tiny is Moonshine tiny for English, with int8 weights, as Useful Sensors publish it for
// browsers (github.com/moonshine-ai/moonshine-js) and Hugging Face for ONNX Runtime. Its
// vocabulary comes with this program, because it is not published in the form of
// sherpa-onnx.
var tiny = Model{
	Name:      Default,
	Title:     "Moonshine tiny (English)",
	Kind:      KindMoonshine,
	Languages: []string{"en"},
	License:   "MIT",
	Files: []File{
		{"encoder_model.onnx", 7937661, "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a"},
		{"decoder_model_merged.onnx", 20243286, "eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367"},
		{"tokens.txt", 506922, "0547fb182949fbf8ae2ae046de2c3da652c9c6b7e87b25287bd53ddc32ef10a6"},
	},
	brought: map[string][]byte{"tokens.txt": moonshineTokens},
	hub: hub{"onnx-community/moonshine-tiny-ONNX", "a6da1241cd305dcd64eab1edbd615f2bb9aabb95", map[string]string{
		"encoder_model.onnx":        "onnx/encoder_model_quantized.onnx",
		"decoder_model_merged.onnx": "onnx/decoder_model_merged_quantized.onnx",
	}},
}

// The vocabularies of OpenAI's models: the English and the multilingual one.
const (
	englishWords      = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
	multilingualWords = "b34b360dbb493e781e479794586d661700670d65564001f23024971d1f2fa126"
)

// whisperModel returns a Whisper with int8 weights, as the author of sherpa-onnx publishes
// it. size is its name there.
func whisperModel(name, title, size, commit string, languages []string, encoder, decoder File) Model {
	tokens := File{size + "-tokens.txt", 816730, multilingualWords}
	if len(languages) == 1 {
		tokens = File{size + "-tokens.txt", 835554, englishWords}
	}
	encoder.Name, decoder.Name = size+"-encoder.int8.onnx", size+"-decoder.int8.onnx"
	return Model{
		Name: name, Title: title, Kind: KindWhisper, License: "MIT", Languages: languages,
		Files: []File{encoder, decoder, tokens},
		hub:   hub{repo: "csukuangfj/sherpa-onnx-whisper-" + size, commit: commit},
	}
}

var english = []string{"en"}

// madeHere are the files of Whisper base that `make model` makes out of OpenAI's weights.
// Source: engine/export/sums.txt.
var madeHere = []File{
	{"base-encoder.int8.onnx", 29089140, "75bcd7cf6412c8199a9037988dd8a2fe8063400fc4cb55d094ef08014a84a017"},
	{"base-decoder.int8.onnx", 50309084, "3ae3d9f037df72d5192007f3e12bf806159666278c456d027f767cd15cffdafa"},
	{"base-tokens.txt", 816730, multilingualWords},
}

// published are the models of the catalog. Each checksum, but for the vocabulary of tiny, is
// also in the source code of three or more other public programs that fetch the file.
var published = []Model{
	tiny,
	{
		Name: "moonshine-base-en", Title: "Moonshine base (English)", Kind: KindMoonshine4, License: "MIT", Languages: english,
		hub: hub{repo: "csukuangfj/sherpa-onnx-moonshine-base-en-int8", commit: "052b0798ad1bf046a140fdd4efcd9426530fa3f5"},
		Files: []File{
			{"preprocess.onnx", 14077290, "ffa630d395c5ccf76f5d4954be5b882df76aaf6491519ec01fd82ea7a3819fb2"},
			{"encode.int8.onnx", 50311494, "7e38770f776f2e5583a53b052936005df2ba5c833d7e09c2a5fd796b94bf73e2"},
			{"uncached_decode.int8.onnx", 122120451, "c01f4b35093bcac20d352d23a75a539e772964579f9d024a90e5e6f09cae9987"},
			{"cached_decode.int8.onnx", 99983837, "2db74e51cedf64a8b1be3c8192e0bb5e4923af0e90bd9e87f8e8771873f8ea03"},
			{"tokens.txt", 436688, "1165c2aeb9f72f457a83be2d459a09054f27490acd9b41bd43794dfd25e296ea"},
		},
	},
	whisperModel("whisper-tiny-en", "Whisper tiny (English)", "tiny.en", "d026532c022fa99fd789d6b32446a1df7b6bfc43", english,
		File{Size: 12937772, SHA256: "0ce578b827c94a961aacb8fa14b02f096504b337e5c94be37c36238cbe3e8bc6"},
		File{Size: 89853865, SHA256: "06c0e6ff6348d427e51839219d1c886c18cfdf411e629e33f5e1679bff9c1527"}),
	whisperModel("whisper-base-en", "Whisper base (English)", "base.en", "59eea950fc76df2453efb57e6c0fd334548e8ffe", english,
		File{Size: 29120534, SHA256: "ef6b936f4c9b1d90a3b68634b60c4ed8576b26172b33c2535ec0e933c9edb823"},
		File{Size: 130669978, SHA256: "f7162ad6db2dbef16cfaeaa7f945b9d7dd9c1b8d472f6aca82f2273d185e4d41"}),
	whisperModel("whisper-small-en", "Whisper small (English)", "small.en", "d9533f69affd85061aee349af7fea5cb2996dbbe", english,
		File{Size: 112442483, SHA256: "8bdac288f369aa94ee2194059238c465ed82ea9d47ee8fa4a8c0a891873e462f"},
		File{Size: 262223042, SHA256: "710ccf890e10f3faa15f51ec346081a2723c9f3adb6e4da81c6573a5a6f877fb"}),
	whisperModel("whisper-tiny", "Whisper tiny (99 languages)", "tiny", "65176e2deb88badc814a94058666cadccc29b61c", multilingual(),
		File{Size: 12937772, SHA256: "d24fb083ae3b1041fc24e97971d60e280c9342201fbb67b0ab428a8b4a51a434"},
		File{Size: 89855401, SHA256: "d2fece8dd42771f1df975c6c0445770d0c292bf7547c2cae04a6c0cc57540925"}),
	orMade(whisperModel(Base, "Whisper base (99 languages)", "base", "bb53ee204431c90d314c1cc08d28d23e5b7927cc", multilingual(),
		File{Size: 29120534, SHA256: "0b8fb1304b6109976038efff5ace81720e00386f3ff6b54ee8c75291ca0a1e11"},
		File{Size: 130672026, SHA256: "9759d217388a01b3a4c7c15533201067b48ae819c4daafc8624e64b9409dc02d"})),
	whisperModel("whisper-small", "Whisper small (99 languages)", "small", "8f3c18b358db4d1f2fc1eae49d75cd20989e4309", multilingual(),
		File{Size: 112442483, SHA256: "4cbe7b22fa9026b843b60a68640c747de05bafb1a11b57edc0e66c232d9f33a9"},
		File{Size: 262226114, SHA256: "acad50b5c782696e91b55914cc5ab4f756f1532f76e22aa6fc615f39fb69a8ee"}),
	whisperModel("whisper-turbo", "Whisper large-v3-turbo (100 languages)", "turbo", "2ca6ff69fc878651b770880507669577ac41c2ff", append(multilingual(), "yue"),
		File{Size: 674716297, SHA256: "b02dcdf54f348741e93fe732b67d933c8dcb6735655f710640143081db38878b"},
		File{Size: 361080764, SHA256: "20accd02388482eb3a46bd615631adfdc85e1eb2c7db9ea3f02a40ffe6b81547"}),
	{
		Name: "parakeet-tdt-0.6b-v2", Title: "Parakeet TDT 0.6B v2 (English)", Kind: KindTransducer, License: "CC-BY-4.0", Languages: english,
		hub: hub{repo: "csukuangfj/sherpa-onnx-nemo-parakeet-tdt-0.6b-v2-int8", commit: "1ab9323565ddb038682214b292f588070a538ce2"},
		Files: []File{
			{"encoder.int8.onnx", 652184296, "a32b12d17bbbc309d0686fbbcc2987b5e9b8333a7da83fa6b089f0a2acd651ab"},
			{"decoder.int8.onnx", 7257753, "b6bb64963457237b900e496ee9994b59294526439fbcc1fecf705b31a15c6b4e"},
			{"joiner.int8.onnx", 1739080, "7946164367946e7f9f29a122407c3252b680dbae9a51343eb2488d057c3c43d2"},
			{"tokens.txt", 9384, "ec182b70dd42113aff6c5372c75cac58c952443eb22322f57bbd7f53977d497d"},
		},
	},
	{
		Name: "parakeet-tdt-0.6b-v3", Title: "Parakeet TDT 0.6B v3 (25 languages)", Kind: KindTransducer, License: "CC-BY-4.0",
		Languages: []string{"bg", "hr", "cs", "da", "nl", "en", "et", "fi", "fr", "de", "el", "hu", "it", "lv", "lt", "mt", "pl", "pt", "ro", "sk", "sl", "es", "sv", "ru", "uk"},
		hub:       hub{repo: "csukuangfj/sherpa-onnx-nemo-parakeet-tdt-0.6b-v3-int8", commit: "2bda32ec70b097a55adaa07d9a7173915b43cc78"},
		Files: []File{
			{"encoder.int8.onnx", 652184281, "acfc2b4456377e15d04f0243af540b7fe7c992f8d898d751cf134c3a55fd2247"},
			{"decoder.int8.onnx", 11845275, "179e50c43d1a9de79c8a24149a2f9bac6eb5981823f2a2ed88d655b24248db4e"},
			{"joiner.int8.onnx", 6355277, "3164c13fc2821009440d20fcb5fdc78bff28b4db2f8d0f0b329101719c0948b3"},
			{"tokens.txt", 93939, "d58544679ea4bc6ac563d1f545eb7d474bd6cfa467f0a6e2c1dc1c7d37e3c35d"},
		},
	},
	{
		Name: "canary-180m-flash", Title: "Canary 180M flash (English, German, Spanish, French)", Kind: KindCanary, License: "CC-BY-4.0",
		Languages: []string{"en", "de", "es", "fr"},
		hub:       hub{repo: "csukuangfj/sherpa-onnx-nemo-canary-180m-flash-en-es-de-fr-int8", commit: "9077164e0d3dd1d5353743e89ceaa1d3a770838c"},
		Files: []File{
			{"encoder.int8.onnx", 132678643, "7a75b4e2a5857a6dcc0819503bbe3fad66943db4a3ccf21d3f27c633667d303f"},
			{"decoder.int8.onnx", 74437848, "e41a2ab9c0c2fe81a1e8ade5a45fb02a74bc4db7d1f91b89a54a25e2cf79cba2"},
			{"tokens.txt", 53555, "2dae6fc7815f9640645e0c765522b278ee0cef49b482d91f6913e334628d3e77"},
		},
	},
	{
		Name: "sense-voice", Title: "SenseVoice small (Chinese, Cantonese, English, Japanese, Korean)", Kind: KindSenseVoice, License: "FunASR-Model-1.1",
		Languages: []string{"zh", "en", "ja", "ko", "yue"},
		hub:       hub{repo: "csukuangfj/sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17", commit: "2365baeacb507f821a0c8120fcee3d484dba7a07"},
		Files: []File{
			{"model.int8.onnx", 239233841, "c71f0ce00bec95b07744e116345e33d8cbbe08cef896382cf907bf4b51a2cd51"},
			{"tokens.txt", 315894, "f449eb28dc567533d7fa59be34e2abca8784f771850c78a47fb731a31429a1dc"},
		},
	},
	{
		Name: "cohere-transcribe", Title: "Cohere Transcribe (14 languages)", Kind: KindCohere, License: "Apache-2.0",
		Languages: []string{"ar", "de", "el", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "vi", "zh"},
		hub:       hub{repo: "csukuangfj2/sherpa-onnx-cohere-transcribe-14-lang-int8-2026-04-01", commit: "156a470cf08eefe706a0004f3c52d9ee567ca7a0"},
		Files: []File{
			{"encoder.int8.onnx", 3090822, "cf704f8cfa90e3f0a76f9ffc05998bdf00ba9ae983192c14a85a3a5eb008b367"},
			{"encoder.int8.onnx.data", 2731503072, "bcf1b7148c8518ae52df1ad2d2fc2b4e89261ea23e6c874eef1d9f55bcbaa4a3"},
			{"decoder.int8.onnx", 153250705, "8372ca6c8ff4db8b916ca3592f5c757a715e691b9edec751ba19b29fc854baf9"},
			{"tokens.txt", 207437, "013ede043ae2480e3a9205cc34550d9686100cc682bacc90f702facdfbb93035"},
		},
	},
}

// orMade returns Whisper base with the files of `make model` as a second set.
func orMade(m Model) Model {
	m.others = [][]File{madeHere}
	return m
}
