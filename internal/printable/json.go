package printable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Encode writes v as one line of JSON in which all that Is refuses is escaped. So a name
// stays what it is for a program, and is harmless in a terminal.
func Encode(w io.Writer, v any) error {
	b, err := Marshal(v)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}

// Marshal is json.Marshal, with all that Is refuses escaped.
func Marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text) // it is valid: json replaces broken bytes
		switch a, b := utf16.EncodeRune(r); {
		case Is(r):
			out.WriteRune(r)
		case a != 0xfffd:
			fmt.Fprintf(&out, `\u%04x\u%04x`, a, b)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		text = text[n:]
	}
	return out.Bytes(), nil
}
