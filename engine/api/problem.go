package api

import (
	"encoding/json"
	"net/http"
)

// The types of error that OpenAI's API knows
// (platform.openai.com/docs/guides/error-codes).
const (
	invalidRequest = "invalid_request_error"
	serverError    = "server_error"
)

// A problem is an error in the form of OpenAI's API.
type problem struct {
	status  int
	kind    string // type
	param   string // the field that is wrong; may be empty
	code    string // for programs; may be empty
	message string
}

func (p *problem) Error() string { return p.message }

func badRequest(param, message string) *problem {
	return &problem{status: http.StatusBadRequest, kind: invalidRequest, param: param, message: message}
}

// write sends the problem as {"error":{message,type,param,code}}, where param
// and code may be null.
func (p *problem) write(w http.ResponseWriter) {
	type body struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	b := body{Message: p.message, Type: p.kind}
	if p.param != "" {
		b.Param = &p.param
	}
	if p.code != "" {
		b.Code = &p.code
	}
	if p.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	writeJSON(w, p.status, map[string]any{"error": b})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have disconnected
}
