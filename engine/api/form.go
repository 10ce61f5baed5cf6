package api

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"

	"github.com/arealicehole/vocoder/internal/pcm"
)

const (
	maxBody  = 700 << 20 // an hour at 48 kHz in stereo and 16 bits
	maxField = 256       // bytes of a name
	maxWords = 32 << 10  // bytes of the hot words
)

// A form is what a request contains.
type form struct {
	clip     pcm.Clip
	hasClip  bool
	model    string
	language string
	task     string
	format   string

	translate string // as in whisper.cpp's server: true is the task translate
	hotWords  string // one a line
}

// readForm reads a multipart form from the connection, so that no speech is written to a
// disk. It ignores fields that the engine does not use. Every error is a *problem.
func readForm(w http.ResponseWriter, r *http.Request) (form, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	parts, err := r.MultipartReader()
	if err != nil {
		return form{}, badRequest("", "send a multipart form with the sound in its field \"file\"")
	}
	var f form
	for {
		p, err := parts.NextPart()
		if err == io.EOF { // not errors.Is: a form that breaks off wraps it
			break
		}
		if err != nil {
			return form{}, bodyProblem(err)
		}
		if err := f.take(p); err != nil {
			return form{}, err
		}
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil { // what comes after the form
		return form{}, bodyProblem(err)
	}
	if !f.hasClip {
		return form{}, badRequest("file", "the form has no field \"file\"")
	}
	return f, nil
}

// take reads one part into the form.
func (f *form) take(p *multipart.Part) error {
	var field *string
	limit := maxField
	switch p.FormName() {
	case "file":
		return f.takeClip(p)
	case "model":
		field = &f.model
	case "language":
		field = &f.language
	case "task":
		field = &f.task
	case "translate":
		field = &f.translate
	case "format", "response_format":
		field = &f.format
	case "hotwords":
		field, limit = &f.hotWords, maxWords
	default:
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(p, int64(limit)+1))
	if err != nil {
		return bodyProblem(err)
	}
	if len(b) > limit {
		return badRequest(p.FormName(), "this field is too long")
	}
	*field = strings.TrimSpace(string(b))
	return nil
}

func (f *form) takeClip(p *multipart.Part) error {
	if f.hasClip {
		return badRequest("file", "the form has more than one field \"file\"")
	}
	c, err := pcm.ReadWAV(p)
	if errors.Is(err, pcm.ErrWAV) {
		return badRequest("file", err.Error())
	}
	if err != nil {
		return bodyProblem(err)
	}
	f.clip, f.hasClip = c, true
	return nil
}

var errSlow = &problem{status: http.StatusRequestTimeout, kind: invalidRequest, code: "timeout", message: "the form arrives too slowly"}

// bodyProblem returns the problem of a body that is too long, too slow or incomplete.
func bodyProblem(err error) error {
	var full *problem
	if errors.As(err, &full) {
		return full
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errSlow
	}
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) {
		return &problem{
			status:  http.StatusRequestEntityTooLarge,
			kind:    invalidRequest,
			message: fmt.Sprintf("the request is longer than %d MB", maxBody>>20),
		}
	}
	return badRequest("", "the form breaks off")
}
