package whisper

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// streams are the media types of answers that are a sequence of JSON objects.
var streams = []string{"text/event-stream", "application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/json-lines"}

// isStream reports whether an answer is a sequence of JSON objects, although no request
// asks for one.
func isStream(media string, body []byte) bool {
	if slices.Contains(streams, media) {
		return true
	}
	start, rest, _ := bytes.Cut(body, []byte("\n"))
	if bytes.HasPrefix(start, []byte("event:")) {
		return bytes.HasPrefix(bytes.TrimSpace(rest), []byte("data:"))
	}
	data, is := bytes.CutPrefix(start, []byte("data:"))
	return is && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{"))
}

// payloads returns the data of the events of a stream: of server-sent events
// (html.spec.whatwg.org/multipage/server-sent-events.html), otherwise each line.
func payloads(body []byte) (all []string) {
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "data":
			line = strings.TrimSpace(value)
		case "event", "id", "retry", "":
			continue
		}
		if line != "" {
			all = append(all, line)
		}
	}
	return all
}

// A chunk is an object of a stream: of OpenAI
// (platform.openai.com/docs/api-reference/audio/transcript-text-delta-event), of vLLM,
// whose chunks are those of its chat, or a segment of speaches.
type chunk struct {
	Type    string  `json:"type"`
	Delta   string  `json:"delta"`
	Text    *string `json:"text"`
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		Finish *string `json:"finish_reason"`
	} `json:"choices"`
}

// decodeStream returns the words of a stream. The reply is partial if pieces of a text
// came and its end did not.
func decodeStream(body []byte) (reply, *Error) {
	var pieces strings.Builder
	var segments []string
	ended, whole := false, ""
	for _, p := range payloads(body) {
		var c chunk
		switch {
		case p == "[DONE]":
			ended = true
			continue
		case depth([]byte(p)) > maxDepth || json.Unmarshal([]byte(p), &c) != nil:
			return reply{}, garbled("it is not the stream of a recognizer")
		}
		if said := errorIn([]byte(p)); said != "" {
			return reply{}, &Error{Kind: Failing, Said: said}
		}
		pieces.WriteString(c.Delta)
		for _, choice := range c.Choices {
			pieces.WriteString(choice.Delta.Content)
			ended = ended || choice.Finish != nil
		}
		switch {
		case c.Text == nil:
		case strings.HasSuffix(c.Type, ".done"):
			ended, whole = true, *c.Text
		default:
			segments = append(segments, *c.Text)
		}
	}
	switch {
	case whole != "":
		return reply{text: whole}, nil
	case pieces.Len() > 0:
		return reply{text: pieces.String(), partial: !ended}, nil
	case len(segments) == 0 && !ended:
		return reply{}, garbled("it is a stream without words")
	}
	return reply{text: strings.Join(segments, "\n")}, nil
}

// errorIn returns the text of an error in a JSON object that should have words, or "".
func errorIn(body []byte) string {
	var object struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &object) != nil || len(object.Error) == 0 || slices.Contains([]string{"null", `""`, "false", "{}"}, string(object.Error)) {
		return ""
	}
	if said := parseServerError(body).text; said != "" {
		return said
	}
	return "an error without a text"
}
