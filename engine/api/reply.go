package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/script"
)

// formats are the forms of a reply by their names in OpenAI's API. The first one is the
// default.
var formats = map[string]func(http.ResponseWriter, transcript){
	"":             writeShort,
	"json":         writeShort,
	"text":         writeText,
	"verbose_json": writeVerbose,
	"srt":          writeSRT,
	"vtt":          writeVTT,
}

// A transcript is what was said in a clip.
type transcript struct {
	language string // empty if the model does not report it
	task     string
	length   time.Duration
	pieces   []speech.Piece
}

// text returns all words as one line. There is no space between pieces in a script that has
// none between words.
func (t transcript) text() string {
	var all strings.Builder
	last := ""
	for _, p := range t.pieces {
		if p.Text == "" {
			continue
		}
		if last != "" && !script.IsUnspaced(last, p.Text) {
			all.WriteByte(' ')
		}
		all.WriteString(p.Text)
		last = p.Text
	}
	return all.String()
}

func writeShort(w http.ResponseWriter, t transcript) {
	writeJSON(w, http.StatusOK, map[string]string{"text": t.text()})
}

func writeText(w http.ResponseWriter, t transcript) {
	writePlain(w, "text/plain", t.text()+"\n")
}

func writeVerbose(w http.ResponseWriter, t transcript) {
	type segment struct {
		ID    int     `json:"id"`
		Start float64 `json:"start"`
		End   float64 `json:"end"`
		Text  string  `json:"text"`
	}
	segments := []segment{}
	for i, p := range t.pieces {
		segments = append(segments, segment{i, p.Start.Seconds(), p.End.Seconds(), p.Text})
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"task":     t.task,
		"language": t.language,
		"duration": t.length.Seconds(),
		"text":     t.text(),
		"segments": segments,
	})
}

func writeSRT(w http.ResponseWriter, t transcript) {
	var b strings.Builder
	for i, p := range t.pieces {
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n\n", i+1, stamp(p.Start, ','), stamp(p.End, ','), p.Text)
	}
	writePlain(w, "application/x-subrip", b.String())
}

func writeVTT(w http.ResponseWriter, t transcript) {
	var b strings.Builder
	b.WriteString("WEBVTT\n\n")
	for _, p := range t.pieces {
		fmt.Fprintf(&b, "%s --> %s\n%s\n\n", stamp(p.Start, '.'), stamp(p.End, '.'), p.Text)
	}
	writePlain(w, "text/vtt", b.String())
}

func writePlain(w http.ResponseWriter, kind, body string) {
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	_, _ = io.WriteString(w, body) // the client may have disconnected
}

// stamp returns a time as subtitles have it: 00:00:01,250.
func stamp(d time.Duration, point rune) string {
	ms := d.Round(time.Millisecond).Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3600000, ms/60000%60, ms/1000%60, point, ms%1000)
}
