// Package api answers HTTP requests for transcripts in two dialects: that of
// OpenAI's audio API and the older one of /v1/transcribe. It logs how long a
// clip was and how long the work took, never what was said.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// maxWaiting is how many clips may be in memory at once.
const maxWaiting = 8

// A Recogniser understands speech.
type Recogniser interface {
	// Transcribe returns what was said; its error wraps
	// speech.ErrUnavailable if no clip can be recognised now.
	Transcribe(context.Context, pcm.Clip) ([]speech.Piece, error)
	// Err says whether the model is loaded, and why the last attempt failed.
	Err() (loaded bool, err error)
}

// A Server answers requests for one model.
type Server struct {
	Model      models.Model
	Recogniser Recogniser
	Check      func() error // why the model cannot be loaded, nil if it can
	Log        *slog.Logger
}

// Handler returns the server's routes:
//
//	POST /v1/transcribe            form: file, format, language; others ignored
//	POST /v1/audio/transcriptions  form: file, model, language, response_format
//	GET  /v1/models, /v1/models/ID
//	GET  /health
//
// Web pages of other origins are refused.
func (s Server) Handler() http.Handler {
	room := make(chan struct{}, maxWaiting)
	mux := http.NewServeMux()
	mux.Handle("POST /v1/transcribe", s.transcribe(room, false))
	mux.Handle("POST /v1/audio/transcriptions", s.transcribe(room, true))
	mux.HandleFunc("GET /v1/models", s.models)
	mux.HandleFunc("GET /v1/models/{id...}", s.model)
	mux.HandleFunc("GET /health", s.health)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		(&problem{
			status:  http.StatusNotFound,
			kind:    invalidRequest,
			code:    "unknown_url",
			message: "no such address: " + r.Method + " " + r.URL.Path,
		}).write(w)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// transcribe answers in either dialect. They differ in the field "model",
// which the older one sent whatever the server was.
func (s Server) transcribe(room chan struct{}, openAI bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
		default:
			(&problem{status: http.StatusServiceUnavailable, kind: serverError, code: "busy",
				message: "too many clips are waiting"}).write(w)
			return
		}
		f, err := readForm(w, r)
		if err == nil {
			err = s.accept(f, openAI)
		}
		if err == nil {
			err = s.answer(w, r, f)
		}
		f.clip.Wipe()
		if err != nil && r.Context().Err() == nil {
			s.fail(w, r, err)
		}
	}
}

// usual is the model that clients of OpenAI's API ask for if nobody tells them
// another; servers like this one take it for whatever they have.
const usual = "whisper-1"

// accept refuses what the model cannot do.
func (s Server) accept(f form, openAI bool) error {
	if formats[f.format] == nil {
		return badRequest("response_format", "unknown format "+f.format+", want json, text, verbose_json, srt or vtt")
	}
	if openAI && f.model != "" && f.model != usual && f.model != s.Model.Name {
		return s.unknown(f.model)
	}
	if !s.speaks(f.language) {
		return &problem{status: http.StatusBadRequest, kind: invalidRequest, param: "language", code: "unsupported_language",
			message: s.Model.Title + " does not know language " + f.language + ", only " + strings.Join(s.Model.Languages, ", ")}
	}
	return nil
}

func (s Server) unknown(model string) *problem {
	return &problem{status: http.StatusNotFound, kind: invalidRequest, param: "model", code: "model_not_found",
		message: "model " + model + " is not served here, only " + s.Model.Name}
}

// speaks takes "en" and "en-GB" alike, and "english", which some clients say.
func (s Server) speaks(language string) bool {
	l := strings.ToLower(language)
	if l == "" || l == "auto" || len(s.Model.Languages) == 0 {
		return true
	}
	if l == "english" {
		l = "en"
	}
	l, _, _ = strings.Cut(l, "-")
	return slices.Contains(s.Model.Languages, l)
}

func (s Server) answer(w http.ResponseWriter, r *http.Request, f form) error {
	begin := time.Now()
	pieces, err := s.Recogniser.Transcribe(r.Context(), f.clip)
	if err != nil {
		return err
	}
	t := transcript{length: f.clip.Duration(), pieces: pieces}
	if len(s.Model.Languages) == 1 {
		t.language = s.Model.Languages[0]
	}
	formats[f.format](w, t)
	s.Log.Info("transcribed", "path", r.URL.Path, "audio", t.length.Round(time.Millisecond),
		"took", time.Since(begin).Round(time.Millisecond), "pieces", len(pieces), "characters", utf8.RuneCountInString(t.text()))
	return nil
}

// fail answers with an error.
func (s Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, speech.ErrUnavailable):
		p = s.unavailable(err)
	default:
		p = &problem{status: http.StatusInternalServerError, kind: serverError, message: err.Error()}
	}
	s.Log.Warn("request refused", "path", r.URL.Path, "status", p.status, "err", p.message)
	p.write(w)
}

func (s Server) unavailable(err error) *problem {
	return &problem{status: http.StatusServiceUnavailable, kind: serverError, code: "model_unavailable",
		message: err.Error() + s.hint(err)}
}

// hint says how to mend what is wrong with the model.
func (s Server) hint(err error) string {
	if errors.Is(err, models.ErrMissing) || errors.Is(err, models.ErrBroken) {
		return "; run vocoder-engine models pull " + s.Model.Name
	}
	return ""
}

// health says whether a clip sent now would be recognised.
func (s Server) health(w http.ResponseWriter, _ *http.Request) {
	loaded, err := s.Recogniser.Err()
	if !loaded && (err == nil || errors.Is(err, models.ErrMissing) || errors.Is(err, models.ErrBroken)) {
		err = s.Check() // it may have been mended, or lost, meanwhile
	}
	body := map[string]any{"status": "ok", "model": s.Model.Name, "title": s.Model.Title, "loaded": loaded}
	status := http.StatusOK
	if err != nil {
		status = http.StatusServiceUnavailable
		body["status"], body["error"] = "error", err.Error()+s.hint(err)
	}
	writeJSON(w, status, body)
}

func (s Server) models(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": []any{s.describe()}})
}

func (s Server) model(w http.ResponseWriter, r *http.Request) {
	if id := r.PathValue("id"); id != s.Model.Name {
		s.unknown(id).write(w)
		return
	}
	writeJSON(w, http.StatusOK, s.describe())
}

func (s Server) describe() map[string]any {
	return map[string]any{"id": s.Model.Name, "object": "model", "created": 0, "owned_by": "local", "title": s.Model.Title}
}
