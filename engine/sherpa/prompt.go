package sherpa

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// sherpa-onnx 2.0.1 has no prompt for Whisper: it begins each text with the tokens of
// sot_sequence, in the metadata of the encoder, in which it replaces the second and third by
// the language and task of the clip if is_multilingual is set
// (offline-whisper-greedy-search-decoder.cc). A prompt is therefore put into the metadata,
// as OpenAI's Whisper begins with one: <|startofprev|>, the prompt, and then the start with
// language and task. The model is loaded again for each prompt, language and task.
//
// If the language is to be detected, is_multilingual stays set: sherpa-onnx detects it with
// <|startoftranscript|> alone, reports it, and replaces two tokens before the prompt. These
// make the prompt count for less, so that there are none if the language is named.

const (
	// maxPromptTokens is the longest prompt. Of the 448 tokens of Whisper, 210 are for 25 s of
	// speech and the silence after it, 5 for the start.
	maxPromptTokens = 200

	// maxEncoder is the largest encoder that is copied, in bytes. The copy is in memory while
	// the model is loaded. That of Whisper small has 112 MB, that of large-v3-turbo 675 MB.
	maxEncoder = 256 << 20

	// newest is how many of the first hot words must be in a prompt that is kept. The order of
	// hot words changes with use, and a model takes a second to load.
	newest = 8
)

// A prompt is what a Whisper was loaded with. The zero value is none.
type prompt struct {
	language, task string
	detects        bool // Whisper detects the language, which may be another one
	words          []string
}

// serves reports whether the prompt can stay where another is wanted, whose words are in the
// order of their importance.
func (p *prompt) serves(other prompt) bool {
	if p == nil || p.language != other.language || p.task != other.task || p.detects != other.detects {
		return false
	}
	for _, w := range p.words {
		if !slices.Contains(other.words, w) {
			return false
		}
	}
	for _, w := range other.words[:min(len(other.words), newest)] {
		if !slices.Contains(p.words, w) {
			return false
		}
	}
	return true
}

// setPrompt loads Whisper with hot words as its prompt, or without, unless it is so already.
// A prompt is in a language. If that is to be detected, the one that was spoken last is the
// likeliest, and without any Whisper gets no prompt.
func (m *Model) setPrompt(language, task, hot string, detect bool) error {
	if language == "" && m.options.prompt != nil {
		language = m.options.prompt.language
	}
	if hot == "" || language == "" {
		if m.options.prompt == nil {
			return nil
		}
		return m.reload(nil, m.options.paths[models.Encoder])
	}
	p := prompt{language, task, detect, strings.Split(hot, "\n")}
	if m.options.prompt.serves(p) {
		return nil
	}
	encoder, err := p.load(m.options.paths)
	if err != nil || encoder == nil {
		if m.options.prompt == nil {
			return nil // it recognizes without
		}
		return m.reload(nil, m.options.paths[models.Encoder])
	}
	defer func() { _ = encoder.Close() }() // it is only in memory
	return m.reload(&p, fmt.Sprintf("/proc/self/fd/%d", encoder.Fd()))
}

// needsPrompt reports whether Whisper detected a language for which it has no prompt.
func (m *Model) needsPrompt(w Words, o Options, hot string) bool {
	return m.kind.Name == models.KindWhisper && hot != "" && o.Language == "" && m.options.language == "" &&
		w.Text != "" && w.Language != "" && (m.options.prompt == nil || m.options.prompt.language != w.Language)
}

// recognizePrompted recognizes a clip with a prompt in the language that was detected. It
// returns no words if Whisper gets none.
func (m *Model) recognizePrompted(c pcm.Clip, language string, o Options, hot string) (Words, error) {
	err := m.setPrompt(language, cmp.Or(o.Task, models.Transcribe), hot, true)
	if err != nil || m.options.prompt == nil {
		return Words{}, err
	}
	return m.recognize(c, o, hot)
}

// reload loads Whisper with a prompt and its encoder, or without a prompt if that fails.
func (m *Model) reload(p *prompt, encoder string) error {
	m.unload()
	usual := m.options.paths
	m.options.paths = maps.Clone(usual)
	m.options.paths[models.Encoder] = encoder
	err := m.load()
	m.options.paths, m.options.prompt = usual, p
	if err != nil {
		m.options.prompt = nil
		err = m.load()
	}
	return err
}

// load keeps as many of the words as the prompt has room for, and returns the encoder with
// it. That is nil if there is room for none, or if the model does not know the language.
func (p *prompt) load(paths map[string]string) (*os.File, error) {
	about, err := models.Metadata(paths[models.Encoder])
	if err != nil {
		return nil, err
	}
	start, ok := startTokens(about, p.language, p.task)
	previous, err := strconv.Atoi(about["sot_prev"])
	if !ok || err != nil {
		return nil, nil
	}
	if info, err := os.Stat(paths[models.Encoder]); err != nil || info.Size() > maxEncoder {
		return nil, err
	}
	v, err := readBytePairs(paths[models.Tokens])
	if err != nil {
		return nil, err
	}
	var tokens []int
	if tokens, p.words = v.prompt(p.words); len(tokens) == 0 {
		return nil, nil
	}
	sequence, multilingual := []int{previous}, "0"
	if p.detects {
		sequence, multilingual = append(sequence, start[1:]...), "1" // the two that sherpa-onnx replaces
	}
	sequence = append(append(sequence, tokens...), start...)
	return withMetadata(paths[models.Encoder], map[string]string{"sot_sequence": numbers(sequence), "is_multilingual": multilingual})
}

// startTokens returns the tokens with which a text in a language begins.
func startTokens(about map[string]string, language, task string) (start []int, ok bool) {
	parse := func(list string) (all []int) {
		for n := range strings.SplitSeq(list, ",") {
			if i, err := strconv.Atoi(strings.TrimSpace(n)); err == nil {
				all = append(all, i)
			}
		}
		return all
	}
	start = parse(about["sot_sequence"])
	if about["is_multilingual"] != "1" {
		return start, len(start) > 0
	}
	codes, ids := strings.Split(about["all_language_codes"], ","), parse(about["all_language_tokens"])
	i := slices.Index(codes, language)
	doing := parse(about["transcribe"])
	if task == models.Translate {
		doing = parse(about["translate"])
	}
	if len(start) < 3 || i < 0 || i >= len(ids) || len(doing) != 1 {
		return nil, false
	}
	start[1], start[2] = ids[i], doing[0]
	return start, true
}

func numbers(all []int) string {
	var text []string
	for _, n := range all {
		text = append(text, strconv.Itoa(n))
	}
	return strings.Join(text, ",")
}

// withMetadata returns a copy of a network in memory with other metadata. In the encoding of
// protocol buffers a message may be continued; of two values of a key the last one counts.
func withMetadata(path string, values map[string]string) (*os.File, error) {
	from, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	fd, err := unix.MemfdCreate("encoder", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", path, err)
	}
	to := os.NewFile(uintptr(fd), "encoder")
	_, err = io.Copy(to, from)
	for key, value := range values {
		var entry []byte
		for i, text := range []string{key, value} {
			entry = append(binary.AppendUvarint(append(entry, byte((i+1)<<3|2)), uint64(len(text))), text...)
		}
		const field = 14<<3 | 2 // metadata_props
		_, more := to.Write(append(binary.AppendUvarint([]byte{field}, uint64(len(entry))), entry...))
		err = errors.Join(err, more)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy %s: %w", path, err), to.Close())
	}
	return to, nil
}

// bytePairs are the tokens of Whisper by their bytes. A token's number is its rank: of all
// pairs of neighbors in a word, the one that makes the token with the lowest number is
// joined first (github.com/openai/tiktoken, educational.py).
type bytePairs map[string]int

// readBytePairs reads tokens.txt: a token in base64 and its number in each line.
func readBytePairs(path string) (bytePairs, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read vocabulary: %w", err)
	}
	defer f.Close()
	all := bytePairs{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		code, number, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		token, err := base64.StdEncoding.DecodeString(string(code))
		n, wrong := strconv.Atoi(string(number))
		if err == nil && wrong == nil && len(token) > 0 {
			all[string(token)] = n
		}
	}
	return all, lines.Err()
}

// prompt returns the tokens of a prompt of the words that fit, the most important last, since
// those count most.
func (v bytePairs) prompt(words []string) (tokens []int, fit []string) {
	for _, w := range words {
		more := v.encode(" " + w + ",")
		if len(tokens)+len(more) > maxPromptTokens {
			break
		}
		tokens, fit = append(more, tokens...), append(fit, w)
	}
	if len(fit) > 0 { // the last one ends the list
		first := v.encode(" " + fit[0] + ",")
		tokens = append(tokens[:len(tokens)-len(first)], v.encode(" "+fit[0]+".")...)
	}
	return tokens, fit
}

// encode returns the tokens of a text. Pairs are joined inside words alone.
func (v bytePairs) encode(text string) (tokens []int) {
	for _, word := range divide(text) {
		parts := make([]string, 0, len(word))
		for i := range len(word) {
			parts = append(parts, word[i:i+1])
		}
		for {
			at, least := -1, 1<<30
			for i := range len(parts) - 1 {
				if rank, is := v[parts[i]+parts[i+1]]; is && rank < least {
					at, least = i, rank
				}
			}
			if at < 0 {
				break
			}
			parts[at] += parts[at+1]
			parts = slices.Delete(parts, at+1, at+2)
		}
		for _, p := range parts {
			if n, is := v[p]; is {
				tokens = append(tokens, n)
			}
		}
	}
	return tokens
}

// divide returns the words of a text as GPT-2 divides it: letters, digits or other characters
// that follow each other, each with the space before it.
func divide(text string) (words []string) {
	class := func(r rune) int {
		switch {
		case unicode.IsLetter(r):
			return 1
		case unicode.IsNumber(r):
			return 2
		case r == ' ':
			return 3
		}
		return 4
	}
	before := 0
	for _, r := range text {
		c := class(r)
		if last := len(words) - 1; last >= 0 && (c == before || before == 3 && words[last] == " ") {
			words[last] += string(r)
		} else {
			words = append(words, string(r))
		}
		before = c
	}
	return words
}
