package whisper

import (
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

// withoutMarkup returns a text without what is in it for machines.
func withoutMarkup(s string) string { return markup.ReplaceAllString(withoutTimes(s), "") }

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
