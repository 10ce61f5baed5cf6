// Package markup removes what recognizers write besides words.
package markup

import (
	"html"
	"regexp"
	"strings"
)

// markup is what recognizers add for machines:
//   - the tokens of Whisper, SenseVoice and Qwen, and those of whisper.cpp as [_BEG_];
//   - the times of whisper.cpp, and those of lyrics at the beginning of a line;
//   - the language that Qwen3-ASR puts first, and what a model thinks;
//   - the words that a model of sentencepiece does not know, and its padding;
//   - the ends of utterances of NVIDIA's realtime models;
//   - the speakers of whisperX and pyannote.
var markup = regexp.MustCompile(`<\|[^|<>\n]{0,40}\|>|\[_[A-Z]+_(\d+)?\]|` +
	`\[\d\d:\d\d(:\d\d)?[.,]\d{3} --> \d\d:\d\d(:\d\d)?[.,]\d{3}\][ \t]*|(?m:^\[\d\d:\d\d\.\d\d\d?\][ \t]*)|` +
	`^\s*(language [^<>\n]{1,80})?<asr_text>|</asr_text>|^\s*<think>(?s:.*?)</think>|` +
	`<unk>|<pad>|\x{2047}|<EO[UB]>|^\s*<s>|</s>\s*$|` +
	`(?m:^[ \t]*\[?SPEAKER_\d\d\]?:?[ \t]*)`)

// Remove returns a text without what is in it for machines.
func Remove(s string) string {
	s = markup.ReplaceAllString(withoutTimes(unescaped(s)), "")
	return withoutMoods(strings.ReplaceAll(s, piece, " "))
}

// piece is the space of sentencepiece, which some servers leave in the words.
const piece = "▁"

// entity is a character as HTML writes it. Servers escape these alone.
var entity = regexp.MustCompile(`&(amp|lt|gt|quot|apos|#0?3[49]|#[xX]2[27]);`)

// unescaped returns a text that was made for HTML as it was before. Such a text has no other
// & and no < or >, so a text that has is no HTML.
func unescaped(s string) string {
	if strings.ContainsAny(entity.ReplaceAllString(s, ""), "&<>") {
		return s
	}
	return entity.ReplaceAllStringFunc(s, html.UnescapeString)
}

// What SenseVoice hears besides words, as FunASR writes it: sounds before a text and moods
// after it, without a space (rich_transcription_postprocess in funasr/utils/postprocess_utils.py).
const (
	heardSounds = "🎼👏😀😭🤧❓"
	heardMoods  = "😊😔😡😰🤢😮"
)

// withoutMoods removes them from each line. An emoji that stands apart, or alone, was
// dictated.
func withoutMoods(s string) string {
	if !strings.ContainsAny(s, heardSounds+heardMoods) {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		words := strings.TrimSpace(line)
		rest := strings.TrimLeft(words, heardSounds)
		if rest != "" && !strings.HasPrefix(rest, " ") {
			words = rest
		}
		rest = strings.TrimRight(words, heardMoods)
		if rest != "" && !strings.HasSuffix(rest, " ") {
			words = rest
		}
		lines[i] = words
	}
	return strings.Join(lines, "\n")
}

// The lines of subtitles that are no words: when a subtitle is shown (SubRip;
// w3.org/TR/webvtt1), and the marks of its speaker.
var (
	timing = regexp.MustCompile(`^\s*(\d+:)?\d{1,2}:\d\d[.,]\d{1,3}\s+-->\s+(\d+:)?\d{1,2}:\d\d[.,]\d{1,3}`)
	voice  = regexp.MustCompile(`</?[vc]([. ][^<>\n]{0,80})?>`)
	number = regexp.MustCompile(`^\s*\d+\s*$`)
	table  = regexp.MustCompile(`^\d+\t\d+\t`) // of openai-whisper, after the head "start end text"
)

// withoutTimes returns the words of subtitles (SRT, VTT) or of a table with times (TSV). A
// text of another kind it returns as it is.
func withoutTimes(s string) string {
	lines := strings.Split(s, "\n")
	isTable := strings.TrimSpace(lines[0]) == "start\tend\ttext"
	if !isTable && !containsTiming(lines) {
		return s
	}
	var words []string
	isVTT := strings.HasPrefix(strings.TrimSpace(lines[0]), "WEBVTT")
	comment := isVTT // until a blank line
	for i, line := range lines {
		blank := strings.TrimSpace(line) == ""
		switch {
		case isTable:
			if i > 0 {
				words = append(words, table.ReplaceAllString(line, ""))
			}
		case blank || timing.MatchString(line):
			comment = false
		case comment, (isVTT || number.MatchString(line)) && i+1 < len(lines) && timing.MatchString(lines[i+1]):
		case strings.HasPrefix(line, "NOTE") || strings.HasPrefix(line, "STYLE"):
			comment = i > 0 && strings.TrimSpace(lines[i-1]) == ""
			if !comment {
				words = append(words, line)
			}
		default:
			words = append(words, voice.ReplaceAllString(line, ""))
		}
	}
	return strings.Join(words, "\n")
}

func containsTiming(lines []string) bool {
	for _, line := range lines {
		if timing.MatchString(line) {
			return true
		}
	}
	return false
}
