package models

// published is where the authors of sherpa-onnx publish models for it.
const published = "https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models/"

// address returns a model with a fixed address. The checksums of its files are not known
// before the first download.
func address(name, title, kind, license, archive string, languages ...string) Model {
	return Model{Name: name, Title: title, Kind: kind, License: license, Languages: languages, address: published + archive}
}

// addressed are the models of the catalog that are not pinned.
var addressed = []Model{
	address("moonshine-base-en", "Moonshine base (English)", KindMoonshine4, "MIT", "sherpa-onnx-moonshine-base-en-int8.tar.bz2", "en"),
	address("whisper-tiny-en", "Whisper tiny (English)", KindWhisper, "MIT", "sherpa-onnx-whisper-tiny.en.tar.bz2", "en"),
	address("whisper-base-en", "Whisper base (English)", KindWhisper, "MIT", "sherpa-onnx-whisper-base.en.tar.bz2", "en"),
	address("whisper-small-en", "Whisper small (English)", KindWhisper, "MIT", "sherpa-onnx-whisper-small.en.tar.bz2", "en"),
	address("whisper-tiny", "Whisper tiny (99 languages)", KindWhisper, "MIT", "sherpa-onnx-whisper-tiny.tar.bz2", multilingual()...),
	address("whisper-base", "Whisper base (99 languages)", KindWhisper, "MIT", "sherpa-onnx-whisper-base.tar.bz2", multilingual()...),
	address("whisper-small", "Whisper small (99 languages)", KindWhisper, "MIT", "sherpa-onnx-whisper-small.tar.bz2", multilingual()...),
	address("whisper-turbo", "Whisper large-v3-turbo (100 languages)", KindWhisper, "MIT", "sherpa-onnx-whisper-turbo.tar.bz2", append(multilingual(), "yue")...),
	address("parakeet-tdt-0.6b-v2", "Parakeet TDT 0.6B v2 (English)", KindTransducer, "CC-BY-4.0", "sherpa-onnx-nemo-parakeet-tdt-0.6b-v2-int8.tar.bz2", "en"),
	address("parakeet-tdt-0.6b-v3", "Parakeet TDT 0.6B v3 (25 languages)", KindTransducer, "CC-BY-4.0", "sherpa-onnx-nemo-parakeet-tdt-0.6b-v3-int8.tar.bz2",
		"bg", "hr", "cs", "da", "nl", "en", "et", "fi", "fr", "de", "el", "hu", "it", "lv", "lt", "mt", "pl", "pt", "ro", "sk", "sl", "es", "sv", "ru", "uk"),
}
