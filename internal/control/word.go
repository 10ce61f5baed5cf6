package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// In the protocol of vocoder 1.0, a client sends one of five words
// and gets one JSON object. No end marks the word. It needs none, because no word is the
// beginning of a longer one.
const status = "status"

var words = []string{string(Toggle), string(Start), string(Stop), status, string(Shutdown)}

const space = " \t\r\n"

// maxWord limits what the server reads in search of a word, in bytes.
const maxWord = 64

// parseWord returns the word in b, without the white space around it. It is done if b has a
// word, or if more bytes cannot make it one; the word is then empty.
func parseWord(b []byte) (word string, done bool) {
	b = bytes.TrimLeft(b, space)
	if i := slices.Index(words, string(bytes.TrimRight(b, space))); i >= 0 {
		return words[i], true
	}
	may := slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, string(b)) })
	return "", !may
}

// converse answers a client that sends words, after its first bytes.
func (s *Server) converse(ctx context.Context, c *conn, first []byte) {
	buf := append(make([]byte, 0, maxWord), first[:min(len(first), maxWord)]...)
	for {
		word, done := parseWord(buf)
		if done { // at the latest after the longest word, before buf is full
			s.reply(ctx, c, word)
			return
		}
		n, err := c.Read(buf[len(buf):maxWord])
		if err != nil {
			return // the client has left, or was too slow
		}
		buf = buf[:len(buf)+n]
	}
}

// reply carries out a word and answers. Scripts read the keys of the answer.
func (s *Server) reply(ctx context.Context, c *conn, word string) {
	var answer map[string]any
	switch {
	case c.surplus:
		answer = map[string]any{"error": errSurplus.Error()}
	case word == "":
		answer = map[string]any{"error": fmt.Sprintf("Unknown command: want one of %q", words)}
	case word == status:
		now, _, _ := s.feed.latest()
		answer = map[string]any{"status": now.Running, "typing_tool": now.Tool, "recording": now.Recording}
	default:
		r, err := s.do(ctx, Command(word))
		answer = map[string]any{"status": r.Status}
		if word == string(Toggle) {
			answer["recording"] = r.Recording
		}
		if err != nil {
			answer = map[string]any{"error": err.Error()}
		}
	}
	line, err := json.Marshal(answer)
	if err != nil {
		panic("control: reply is not JSON: " + err.Error())
	}
	if c.SetWriteDeadline(time.Now().Add(s.timeout())) == nil {
		_, _ = c.Write(line) // a client that left needs no answer
	}
}
