// Package api answers HTTP requests for transcripts in two dialects: that of OpenAI's
// audio API and the older one of /v1/transcribe. It logs the length of a clip and the
// time of the work, never what was said.
package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Recognizer recognizes speech.
type Recognizer interface {
	// Transcribe returns what was said. Its error wraps speech.ErrUnavailable if no clip
	// can be recognized now.
	Transcribe(context.Context, pcm.Clip, speech.Options) (speech.Transcript, error)
	// Err reports whether the model is loaded, and why the last attempt failed.
	Err() (loaded bool, err error)
}

// A Server answers requests for one model.
type Server struct {
	Model      func() models.Model // the served model; it may appear or change while none is loaded
	Recognizer Recognizer
	Check      func() error // returns why the model cannot be loaded, nil if it can
	Log        *slog.Logger

	formGrace time.Duration // instead of the constant, for tests; 0: the constant
}

// Handler returns the server's routes:
//
//	POST /v1/transcribe            form: file, format, language, task, hotwords; others ignored
//	POST /v1/audio/transcriptions  form: file, model, language, task, hotwords, response_format
//	POST /v1/audio/translations    the same; the task is translate
//	GET  /v1/models, /v1/models/ID
//	GET  /health
//
// The field "translate" is a second name for the task. "format" and "response_format"
// are the same. The server refuses web pages of other origins.
func (s Server) Handler() http.Handler {
	room := new(room)
	mux := http.NewServeMux()
	mux.Handle("POST /v1/transcribe", s.transcribe(room, dialect{}))
	mux.Handle("POST /v1/audio/transcriptions", s.transcribe(room, dialect{openAI: true}))
	mux.Handle("POST /v1/audio/translations", s.transcribe(room, dialect{openAI: true, task: models.Translate}))
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

// A dialect is how a route reads a form.
type dialect struct {
	openAI bool   // it checks the field "model"; clients of the older dialect send any value
	task   string // the task of the route; empty: the task of the form
}

// transcribe returns the handler of a dialect.
func (s Server) transcribe(room *room, d dialect) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b := &body{ReadCloser: r.Body, room: room, conn: http.NewResponseController(w), begin: time.Now(), grace: cmp.Or(s.formGrace, formGrace)}
		_ = b.limit() // also while the server reads what is left after an error
		if !room.enter() {
			errFull.write(w)
			return
		}
		defer func() { room.leave(b.reserved) }()
		r.Body = b
		var f form
		err := b.open(r.ContentLength)
		if err == nil {
			f, err = readForm(w, r)
		}
		if err == nil {
			b.done()
		}
		var o speech.Options
		m := s.Model()
		if err == nil {
			o, err = accept(m, f, d)
		}
		if err == nil {
			err = s.answer(w, r, m, f, o)
		}
		f.clip.Wipe()
		if err != nil && (r.Context().Err() == nil || errors.Is(err, errSlow)) { // a sender that is too slow ends the context
			s.fail(w, r, err)
		}
	}
}

// usual is the model that clients of OpenAI's API request by default. Servers like this
// one accept it for any model.
const usual = "whisper-1"

// accept returns how to recognize a form's clip, or an error if the model cannot do it.
func accept(m models.Model, f form, d dialect) (speech.Options, error) {
	if formats[f.format] == nil {
		return speech.Options{}, badRequest("response_format", "unknown format "+f.format+", want json, text, verbose_json, srt or vtt")
	}
	if d.openAI && f.model != "" && f.model != usual && f.model != m.Name {
		return speech.Options{}, unknown(m, f.model)
	}
	task, err := f.wants(d)
	if err != nil {
		return speech.Options{}, err
	}
	if !slices.Contains(m.Tasks(), task) {
		return speech.Options{}, &problem{status: http.StatusBadRequest, kind: invalidRequest, param: "task", code: "unsupported_task",
			message: m.Title + " cannot " + task + ", only " + strings.Join(m.Tasks(), ", ")}
	}
	o := speech.Options{Task: task}
	if m.Can().HotWords {
		o.HotWords = hotWords(f.hotWords)
	}
	if f.language == "" || strings.EqualFold(f.language, "auto") {
		if mustName(m) {
			return speech.Options{}, &problem{status: http.StatusBadRequest, kind: invalidRequest, param: "language", code: "language_required",
				message: m.Title + " does not detect the language: name one of " + strings.Join(m.Languages, ", ")}
		}
		return o, nil
	}
	code, known := m.Language(f.language)
	if !known {
		return speech.Options{}, &problem{status: http.StatusBadRequest, kind: invalidRequest, param: "language", code: "unsupported_language",
			message: m.Title + " does not know language " + f.language + ", only " + strings.Join(m.Languages, ", ")}
	}
	o.Language = code
	return o, nil
}

// mustName reports whether each request for a model must name the language.
func mustName(m models.Model) bool {
	k := m.Can()
	return k.Obeys && !k.Detects && len(m.Languages) > 1
}

// wants returns the task that a form and its route name.
func (f form) wants(d dialect) (string, error) {
	translate := false
	if f.translate != "" {
		var err error
		if translate, err = strconv.ParseBool(f.translate); err != nil {
			return "", badRequest("translate", "want true or false")
		}
	}
	switch {
	case d.task != "":
		return d.task, nil
	case translate:
		return models.Translate, nil
	}
	return cmp.Or(strings.ToLower(f.task), models.Transcribe), nil
}

func unknown(m models.Model, name string) *problem {
	return &problem{status: http.StatusNotFound, kind: invalidRequest, param: "model", code: "model_not_found",
		message: "model " + name + " is not served here, only " + m.Name}
}

func (s Server) answer(w http.ResponseWriter, r *http.Request, m models.Model, f form, o speech.Options) error {
	begin := time.Now()
	said, err := s.Recognizer.Transcribe(r.Context(), f.clip, o)
	if err != nil {
		return err
	}
	t := transcript{language: said.Language, task: o.Task, length: f.clip.Duration(), pieces: said.Pieces}
	if len(m.Languages) == 1 {
		t.language = m.Languages[0]
	}
	formats[f.format](w, t)
	s.Log.Info("transcribed", "path", r.URL.Path, "audio", t.length.Round(time.Millisecond),
		"took", time.Since(begin).Round(time.Millisecond), "pieces", len(said.Pieces), "characters", utf8.RuneCountInString(t.text()))
	return nil
}

// fail sends an error as the answer.
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
	hint, code := s.repair(err)
	return &problem{status: http.StatusServiceUnavailable, kind: serverError, code: code, message: err.Error() + hint}
}

// repair returns how to repair the model, and the code of the error. A client that gets
// model_not_found need not try again before that.
func (s Server) repair(err error) (hint, code string) {
	pull := "; run vocoder-engine models pull " + s.Model().Name
	switch {
	case errors.Is(err, models.ErrUnknown): // one of the user's, which was removed
		return pull + " --from its address, archive or folder", "model_not_found"
	case repairable(err):
		return pull, "model_not_found"
	}
	return "", "model_unavailable"
}

// repairable reports whether an error is one of the model's files.
func repairable(err error) bool {
	return errors.Is(err, models.ErrMissing) || errors.Is(err, models.ErrBroken) || errors.Is(err, models.ErrUnknown)
}

// health reports whether a clip that was sent now would be recognized.
func (s Server) health(w http.ResponseWriter, _ *http.Request) {
	loaded, err := s.Recognizer.Err()
	if !loaded && (err == nil || repairable(err)) {
		err = s.Check() // the model may have been repaired or removed
	}
	m := s.Model()
	body := map[string]any{"status": "ok", "model": m.Name, "title": m.Title, "loaded": loaded, "languages": languages(m), "tasks": m.Tasks(),
		"hotwords": m.Can().HotWords, "language_required": mustName(m)}
	status := http.StatusOK
	if err != nil {
		status = http.StatusServiceUnavailable
		hint, code := s.repair(err)
		body["status"], body["error"], body["code"] = "error", err.Error()+hint, code
	}
	writeJSON(w, status, body)
}

func (s Server) models(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": []any{describe(s.Model())}})
}

func (s Server) model(w http.ResponseWriter, r *http.Request) {
	m := s.Model()
	if id := r.PathValue("id"); id != m.Name {
		unknown(m, id).write(w)
		return
	}
	writeJSON(w, http.StatusOK, describe(m))
}

func describe(m models.Model) map[string]any {
	return map[string]any{"id": m.Name, "object": "model", "created": 0, "owned_by": "local", "title": m.Title, "languages": languages(m), "tasks": m.Tasks(),
		"hotwords": m.Can().HotWords, "language_required": mustName(m)}
}

// languages returns the languages of a model as a list that is never null.
func languages(m models.Model) []string { return append([]string{}, m.Languages...) }
