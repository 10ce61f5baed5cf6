// Package journal writes log entries to the journal of systemd, with fields.
package journal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
)

// A handler writes to the journal, with the priority of the level and a
// field VOCODER_KEY for each attribute. Source: systemd.journal-fields(7).
type handler struct {
	level slog.Level
	attrs []slog.Attr
	group string
}

// NewHandler returns a handler for the journal if standard error is connected to it, as it
// is under systemd. Otherwise the handler writes lines of text to stderr.
func NewHandler(level slog.Level, stderr io.Writer) slog.Handler {
	if ok, err := journal.StderrIsJournalStream(); !ok || err != nil {
		return slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})
	}
	return handler{level: level}
}

func (h handler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		a.Key = h.group + a.Key
		h.attrs = append(h.attrs[:len(h.attrs):len(h.attrs)], a)
	}
	return h
}

func (h handler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.group += name + "_"
	}
	return h
}

func (h handler) Handle(_ context.Context, r slog.Record) error {
	text := strings.Builder{}
	text.WriteString(r.Message)
	fields := map[string]string{}
	add := func(a slog.Attr) {
		name := fieldName(a.Key)
		if name == "" {
			return
		}
		value := a.Value.Resolve().String()
		fields[name] = value
		fmt.Fprintf(&text, " %s=%s", a.Key, value)
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(func(a slog.Attr) bool {
		a.Key = h.group + a.Key
		add(a)
		return true
	})
	return journal.Send(text.String(), priority(r.Level), fields)
}

// fieldName returns the journal's name of an attribute, or nothing if it would
// not be a valid one.
func fieldName(key string) string {
	name := strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) {
		return ""
	}
	return "VOCODER_" + name
}

func priority(l slog.Level) journal.Priority {
	switch {
	case l >= slog.LevelError:
		return journal.PriErr
	case l >= slog.LevelWarn:
		return journal.PriWarning
	case l >= slog.LevelInfo:
		return journal.PriInfo
	}
	return journal.PriDebug
}
