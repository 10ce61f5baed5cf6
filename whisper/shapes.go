package whisper

import (
	"encoding/json"
	"strings"
)

// containers are the fields in which servers of other kinds have the words, in the order in
// which they are looked at: whisper.cpp's command line, whisper services, Google, Deepgram,
// Azure, FunASR, Cloudflare, and models that chat. Fields such as message or status, which
// tell about the request, are none.
var containers = []string{"results", "result", "data", "output", "transcription", "channels", "alternatives", "combinedPhrases",
	"choices", "message", "candidates", "content", "parts"}

// strings of these fields are words.
var wordFields = []string{"text", "transcript", "transcription", "DisplayText"}

// firstOnly are lists of which each has the same words again, the best first.
var firstOnly = map[string]bool{"channels": true, "alternatives": true, "choices": true, "candidates": true}

// otherShape returns the words in an object whose shape is not that of a recognizer with
// OpenAI's interface. It is not ok if the object has none.
func otherShape(object map[string]json.RawMessage) (words string, ok bool) {
	for _, name := range wordFields {
		if json.Unmarshal(object[name], &words) == nil && string(object[name]) != "null" && object[name] != nil {
			return words, true
		}
	}
	for _, name := range containers {
		if words, ok = wordsIn(name, object[name]); ok {
			return words, true
		}
	}
	return "", false
}

// wordsIn returns the words in the value of a container.
func wordsIn(name string, value json.RawMessage) (words string, ok bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) == nil && object != nil {
		return otherShape(object)
	}
	// Only in these a string is the text. Elsewhere it may be "ok".
	if name == "content" && json.Unmarshal(value, &words) == nil && string(value) != "null" {
		return words, true
	}
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil || len(list) == 0 {
		return "", false
	}
	if firstOnly[name] {
		list = list[:1]
	}
	var all []string
	for _, item := range list {
		one, ok := wordsIn(name, item)
		if !ok && json.Unmarshal(item, &one) != nil {
			return "", false
		}
		all = append(all, one)
	}
	return strings.Join(all, "\n"), true
}
