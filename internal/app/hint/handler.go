package hint

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/arealicehole/vocoder/internal/printable"
)

// Handler returns a log handler that adds a hint to each record with an error in the
// attribute err. It makes the text of attributes printable: some have names of devices,
// or words of a server.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	shown := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	text := ""
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && a.Key == "err" && text == "" {
			text = Of(err)
		}
		shown.AddAttrs(toPrintable(a))
		return true
	})
	if text != "" {
		shown.AddAttrs(slog.String("hint", text))
	}
	return h.Handler.Handle(ctx, shown)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var shown []slog.Attr
	for _, a := range attrs {
		shown = append(shown, toPrintable(a))
	}
	return handler{h.Handler.WithAttrs(shown)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

// maxAttr limits a line of an attribute, in characters.
const maxAttr = 2000

// toPrintable returns an attribute whose text can be shown. An error keeps its lines: that
// of the settings has several.
func toPrintable(a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, printable.Line(v.String(), maxAttr))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			return slog.String(a.Key, printable.Lines(err.Error(), maxAttr))
		}
		return slog.String(a.Key, printable.Line(fmt.Sprint(v.Any()), maxAttr))
	}
	return a
}
