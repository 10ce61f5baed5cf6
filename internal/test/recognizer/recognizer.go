// Package recognizer is a recognizer for tests. It recognizes one word in each level of
// the sound.
package recognizer

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Server is a recognizer with the dialect of vocoder-engine. It recognizes the word
// "word7" in samples of the level 1007. The fields must be set before Start.
type Server struct {
	Fails func(words string) bool // whether the request with these words fails
	Says  string                  // the answer to all requests, if not empty
	Wait  chan struct{}           // if not nil, it answers when this is closed

	// Asked gets the words of each request. It has room for a thousand.
	Asked chan string

	mu    sync.Mutex
	asked []string
}

// Start starts the server until the end of the test and returns its address.
func (s *Server) Start(t *testing.T) (url string) {
	s.Asked = make(chan string, 1000)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return web.URL
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, _, err := r.FormFile("file")
	if err != nil { // a request that asks which dialect the server has
		http.Error(w, "send a file", http.StatusBadRequest)
		return
	}
	c, err := pcm.ReadWAV(f)
	if err != nil {
		http.Error(w, "no sound", http.StatusBadRequest)
		return
	}
	words := Words(c)
	s.mu.Lock()
	s.asked = append(s.asked, words)
	fails := s.Fails != nil && s.Fails(words)
	s.mu.Unlock()
	s.Asked <- words
	if s.Wait != nil {
		select {
		case <-s.Wait:
		case <-r.Context().Done():
		}
	}
	if fails {
		http.Error(w, "Oops", http.StatusTeapot)
		return
	}
	if s.Says != "" {
		words = s.Says
	}
	_, _ = fmt.Fprintf(w, `{"text": %q}`, words)
}

// Words returns the words that the server recognizes in a clip.
func Words(c pcm.Clip) string {
	var words []string
	for i, v := range c.Samples {
		if v > 1000 && (i == 0 || v != c.Samples[i-1]) {
			words = append(words, fmt.Sprintf("word%d", v-1000))
		}
	}
	return strings.Join(words, " ")
}

// Requests returns the words of each request so far.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Refusing starts a recognizer until the end of the test and returns its address. It
// answers everything with an error that has words of its own.
func Refusing(t *testing.T) (url string) {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"detail":"Model 'canary' is not installed locally."}`)
	}))
	t.Cleanup(web.Close)
	return web.URL + "/v1/audio/transcriptions"
}
