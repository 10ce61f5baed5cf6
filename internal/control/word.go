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

// The protocol of the program that vocoder replaces: a client sends one of
// five words, with no end to it, and gets one JSON object. No word begins
// another, so it is seen to be complete without an end.
const status = "status"

var words = []string{string(Toggle), string(Start), string(Stop), status, string(Shutdown)}

const space = " \t\r\n"

// maxWord bounds what is read in search of a word, in bytes.
const maxWord = 64

// parseWord returns the word that b holds, with white space around it ignored.
// Done means that b holds it or that no more bytes could make it one, and then
// the word is empty.
func parseWord(b []byte) (word string, done bool) {
	b = bytes.TrimLeft(b, space)
	if i := slices.Index(words, string(bytes.TrimRight(b, space))); i >= 0 {
		return words[i], true
	}
	may := slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, string(b)) })
	return "", !may
}

// converse answers a client that speaks in words and has said the beginning.
func (s *Server) converse(ctx context.Context, c *conn, said []byte) {
	buf := append(make([]byte, 0, maxWord), said[:min(len(said), maxWord)]...)
	for {
		word, done := parseWord(buf)
		if done { // after a letter it is, long before buf is full
			s.reply(ctx, c, word)
			return
		}
		n, err := c.Read(buf[len(buf):maxWord])
		if err != nil {
			return // it went, or took too long
		}
		buf = buf[:len(buf)+n]
	}
}

// reply carries out a word. The keys of its answer, and which of them there
// are, are those that scripts have read so far.
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
