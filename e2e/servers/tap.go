package servers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// A Tap is a proxy between a client and a server. It records the texts in the server's
// answers.
type Tap struct {
	Addr string // the client connects here
	URL  string

	server   *Server
	listener net.Listener
	done     sync.WaitGroup
	mu       sync.Mutex
	open     map[net.Conn]bool
	texts    []string
}

// Listen starts a tap of a server at a free port. The caller must close it.
func Listen(s *Server) (*Tap, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	t := &Tap{Addr: addr, URL: strings.Replace(s.URL, s.Addr, addr, 1), server: s, listener: l, open: map[net.Conn]bool{}}
	t.done.Go(t.accept)
	return t, nil
}

// Close ends the tap and its connections.
func (t *Tap) Close() error {
	err := t.listener.Close()
	t.mu.Lock()
	for c := range t.open {
		_ = c.Close() // it ends in any case
	}
	t.mu.Unlock()
	t.done.Wait()
	return err
}

// Texts returns what the server answered since the last call.
func (t *Tap) Texts() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	texts := t.texts
	t.texts = nil
	return texts
}

func (t *Tap) accept() {
	for {
		client, err := t.listener.Accept()
		if err != nil {
			return // closed
		}
		t.done.Go(func() { t.join(client) })
	}
}

// join copies between a client and the server until one of them ends.
func (t *Tap) join(client net.Conn) {
	defer t.forget(client)
	t.keep(client)
	server, err := net.Dial("tcp", t.server.Addr)
	if err != nil {
		return // the client sees that its connection ends
	}
	defer t.forget(server)
	t.keep(server)
	t.done.Go(func() {
		_, _ = io.Copy(server, client) // when one direction ends, both end
		t.forget(server)
	})
	seen, write := io.Pipe()
	t.done.Go(func() {
		if t.server.Kind == Wyoming {
			t.events(bufio.NewReader(seen))
		} else {
			t.answers(bufio.NewReader(seen))
		}
		_, _ = io.Copy(io.Discard, seen) // an answer that cannot be parsed is still passed on
	})
	_, _ = io.Copy(io.MultiWriter(write, client), server)
	_ = write.Close() // of a pipe: always nil
}

func (t *Tap) keep(c net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[c] = true
}

func (t *Tap) forget(c net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, c)
	_ = c.Close() // it may be closed already
}

func (t *Tap) note(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts = append(t.texts, text)
}

// answers reads HTTP answers, and records the text of those that are a JSON object with one.
func (t *Tap) answers(in *bufio.Reader) {
	for {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return
		}
		var said struct{ Text *string }
		if r.StatusCode == http.StatusOK && json.Unmarshal(body, &said) == nil && said.Text != nil {
			t.note(*said.Text)
		}
	}
}

// events reads Wyoming events, and records transcripts. An event is a line of JSON, then
// data_length bytes of JSON, then payload_length bytes.
func (t *Tap) events(in *bufio.Reader) {
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var e struct {
			Type          string
			Data          json.RawMessage
			DataLength    int64 `json:"data_length"`
			PayloadLength int64 `json:"payload_length"`
		}
		if json.Unmarshal(line, &e) != nil {
			return
		}
		var data bytes.Buffer
		if _, err := io.CopyN(&data, in, e.DataLength); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, in, e.PayloadLength); err != nil {
			return
		}
		if e.DataLength == 0 {
			data.Write(e.Data)
		}
		var said struct{ Text string }
		if e.Type == "transcript" && json.Unmarshal(data.Bytes(), &said) == nil {
			t.note(said.Text)
		}
	}
}
