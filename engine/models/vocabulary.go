package models

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
)

// moonshineSize is how many tokens Moonshine's decoder knows: the 32,000 of Llama's
// vocabulary, then special ones.
const moonshineSize = 32768

// The vocabulary is a string constant in the JavaScript bundle: the
// tokens one a line, in base64. It begins with the token "<unk>".
const (
	vocabularyHead = `"PHVuaz4K` // a quote and base64 of "<unk>\n"
	wordStart      = "\u2581"    // SentencePiece's mark for a space
)

func moonshineTokens(bundle []byte) ([]byte, error) { return tokens(bundle, moonshineSize) }

// tokens reads the vocabulary from a bundle and returns it in the form of sherpa-onnx
// for Moonshine: a line for each of size tokens, with its bytes in base64 and its
// number. Tokens that the vocabulary lacks are special tokens, which are never text.
func tokens(bundle []byte, size int) ([]byte, error) {
	words, err := vocabulary(bundle)
	if err != nil {
		return nil, fmt.Errorf("take vocabulary out of bundle: %w", err)
	}
	if len(words) > size {
		return nil, fmt.Errorf("take vocabulary out of bundle: %d tokens, want at most %d", len(words), size)
	}
	var b bytes.Buffer
	for i := range size {
		word := fmt.Appendf(nil, "<<ST_%d>>", i-len(words))
		if i < len(words) {
			word = tokenBytes(words[i])
		}
		b.WriteString(base64.StdEncoding.EncodeToString(word))
		fmt.Fprintf(&b, " %d\n", i)
	}
	return b.Bytes(), nil
}

func vocabulary(bundle []byte) ([][]byte, error) {
	_, rest, ok := bytes.Cut(bundle, []byte(vocabularyHead))
	if !ok {
		return nil, errors.New("it holds none")
	}
	text, _, ok := bytes.Cut(rest, []byte{'"'})
	if !ok {
		return nil, errors.New("it ends within")
	}
	head := vocabularyHead[1:]
	list, err := base64.StdEncoding.AppendDecode(nil, append([]byte(head), text...))
	if err != nil {
		return nil, err
	}
	return bytes.Split(list, []byte{'\n'}), nil
}

// tokenBytes returns the bytes of a token. "<0x41>" means one byte, and the mark for a
// space means a space.
func tokenBytes(word []byte) []byte {
	if len(word) == 6 && bytes.HasPrefix(word, []byte("<0x")) && word[5] == '>' {
		if v, err := strconv.ParseUint(string(word[3:5]), 16, 8); err == nil {
			return []byte{byte(v)}
		}
	}
	return bytes.ReplaceAll(word, []byte(wordStart), []byte{' '})
}
