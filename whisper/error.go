package whisper

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/internal/printable"
)

// A Kind is what went wrong, as far as a hint or a retry depends on it. It is the text
// for the user.
type Kind string

const (
	Unreachable  Kind = "no connection"
	HungUp       Kind = "it hung up before it answered"
	NotListening Kind = "nothing listens there"
	Late         Kind = "no answer in time"
	NotOurs      Kind = "it belongs to another user"
	Untrusted    Kind = "its certificate is not to be trusted"
	WrongPath    Kind = "no recognizer at this path"
	NoModel      Kind = "it does not have the model"
	NoLanguage   Kind = "it does not know the language"
	NoTask       Kind = "it cannot translate"
	KeyRefused   Kind = "it refuses the API key"
	Busy         Kind = "it is too busy"
	Rejected     Kind = "it refuses the request"
	Failing      Kind = "it failed"
	Redirected   Kind = "it redirects elsewhere, which is not followed"
	Garbled      Kind = "its answer makes no sense"
)

// again reports whether the same request may succeed a moment later.
func (k Kind) again() bool {
	return slices.Contains([]Kind{Unreachable, HungUp, NotListening, Late, Busy, Failing}, k)
}

// An Error is why a recognizer gave no words. Its text holds nothing that the
// recognizer sent.
type Error struct {
	Kind   Kind
	URL    string // of the request, without query
	Status int    // of HTTP; 0 if there was no response

	// Said is the error text of the recognizer: its first line, shortened. It may be
	// shown to the user, and must not be logged.
	Said string

	// Cause is the error text of this machine. It may quote what the server sent. So it
	// may be shown to the user, and must not be logged.
	Cause string

	// Why adds details to the Kind; it may be "". It quotes nothing.
	Why string

	Waited time.Duration // how long the client waited for an answer that did not come, or 0
	After  time.Duration // how long to wait before the next request, as the server wants; 0 if it names no time
	Err    error         // the cause, if a caller may test for it

	aboutPrompt bool // the recognizer refuses the prompt
}

func (e *Error) Error() string {
	s := "ask " + e.URL + ": " + string(e.Kind)
	if e.Waited > 0 {
		s = "ask " + e.URL + ": no answer within " + e.Waited.Round(time.Second/10).String() + ", it may be busy or slow"
	}
	if e.Why != "" {
		s += ", " + e.Why
	}
	if e.Status != 0 {
		s += fmt.Sprintf(" (%d %s)", e.Status, http.StatusText(e.Status))
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errors are the errors of several recognizers, in their order. There is at least one.
type Errors []error

func (e Errors) Error() string {
	return strings.ReplaceAll(errors.Join(e...).Error(), "\n", "; ")
}

func (e Errors) Unwrap() []error { return e }

// each calls f with the *Error of each recognizer in an error.
func each(err error, f func(*Error)) {
	all, ok := errors.AsType[Errors](err)
	if !ok {
		all = Errors{err}
	}
	for _, one := range all {
		if e, ok := errors.AsType[*Error](one); ok {
			f(e)
		}
	}
}

// MayPass reports whether the same request may succeed later, at one of the recognizers.
func MayPass(err error) (pass bool) {
	each(err, func(e *Error) { pass = pass || e.Kind.again() })
	return pass
}

// unsent reports whether no recognizer got the sound of a request, because none listens.
func unsent(err error) bool {
	n, sent := 0, false
	each(err, func(e *Error) { n, sent = n+1, sent || e.Kind != NotListening })
	return n > 0 && !sent
}

// after returns how long to wait until one of the recognizers accepts a request, as they
// say.
func after(err error) time.Duration {
	least := time.Duration(-1)
	each(err, func(e *Error) {
		if e.Kind.again() && (least < 0 || e.After < least) {
			least = e.After
		}
	})
	return max(least, 0)
}

// waited returns the error of a request that was sent at begin. If no answer came in
// time, it sets Waited.
func waited(err error, begin time.Time) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Late && errors.Is(e.Err, context.DeadlineExceeded) {
		e.Waited = time.Since(begin)
	}
	return err
}

// failure returns the Error for an error of the network.
func failure(where string, err error) *Error {
	e := &Error{Kind: Unreachable, URL: where}
	var known *Error
	var timeout net.Error
	switch {
	case errors.As(err, &known):
		copied := *known
		copied.URL = where
		return &copied
	case errors.Is(err, context.Canceled):
		e.Err = context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Err = Late, context.DeadlineExceeded
	case errors.As(err, &timeout) && timeout.Timeout() && !hasErr[syscall.Errno](err): // that of dialing has an Errno
		e.Why = fmt.Sprintf("no TLS within %v", handshakeTimeout)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		e.Kind = NotListening
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		strings.Contains(err.Error(), "server closed idle connection"): // net/http exports no name for it
		e.Kind = HungUp
	case errors.Is(err, fs.ErrPermission):
		e.Why = "permission denied"
	case hasErr[*tls.CertificateVerificationError](err):
		e.Kind, e.Cause = Untrusted, oneLine(err.Error())
	case isAlert(err):
		e.Kind, e.Why, e.Cause = Untrusted, "it does not agree on TLS 1.2 or later", oneLine(err.Error())
	case hasErr[*net.DNSError](err):
		e.Why = "its name is not known"
	case hasErr[tls.RecordHeaderError](err):
		e.Kind, e.Why = Garbled, "it does not speak TLS"
	default:
		e.Cause = oneLine(err.Error())
	}
	return e
}

// isKind reports whether err is an *Error of the kind.
func isKind(err error, k Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == k
}

func hasErr[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isAlert reports whether one side ended a TLS handshake on purpose.
func isAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "remote error" || op.Op == "local error")
}

// maxSaid limits how much of a server's text is shown, in characters.
const maxSaid = 200

// oneLine returns the first line of s that is not blank, as it may be shown.
func oneLine(s string) string {
	for line := range strings.Lines(s) {
		if line = printable.Line(line, maxSaid); line != "" {
			return line
		}
	}
	return ""
}
