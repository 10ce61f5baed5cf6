package whisper

import "regexp"

// markup is what recognizers add for machines: Whisper's own tokens and the times
// of whisper.cpp, and the language that Qwen3-ASR puts first.
var markup = regexp.MustCompile(`<\|[^|<>\n]{0,40}\|>|` +
	`\[\d\d:\d\d(:\d\d)?[.,]\d{3} --> \d\d:\d\d(:\d\d)?[.,]\d{3}\][ \t]*|` +
	`^\s*(language \pL+)?<asr_text>|</asr_text>`)

// withoutMarkup returns a text without what is in it for machines.
func withoutMarkup(s string) string { return markup.ReplaceAllString(s, "") }
