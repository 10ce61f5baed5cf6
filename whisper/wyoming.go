package whisper

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// An event of the Wyoming protocol: a line of JSON, then data_length bytes of
// JSON, then payload_length bytes (github.com/OHF-Voice/wyoming, README).
type event struct {
	Type          string          `json:"type"`
	Data          json.RawMessage `json:"data,omitempty"`
	DataLength    int             `json:"data_length,omitempty"`
	PayloadLength int             `json:"payload_length,omitempty"`
}

// chunkSize is how much sound an audio-chunk carries, in samples: a quarter of
// a second.
const chunkSize = pcm.Rate / 4

// transcribeWyoming has a clip transcribed over a separate connection, which the server
// closes after the transcript.
func (r *recognizer) transcribeWyoming(ctx context.Context, q question) (reply, error) {
	var said reply
	if q.translate {
		return said, &Error{Kind: NoTask, URL: r.where(), Why: "the protocol Wyoming has no such task"}
	}
	err := r.withConn(ctx, func(conn net.Conn) error {
		sent := r.sendQuestion(bufio.NewWriterSize(conn, 16<<10), q)
		e, err := await(conn, "transcript")
		if err != nil {
			return errors.Join(err, sent)
		}
		var transcript struct {
			Text     string `json:"text"`
			Language string `json:"language"`
		}
		if json.Unmarshal(e.Data, &transcript) != nil {
			return garbled("it is not a transcript")
		}
		said.text, said.language = transcript.Text, codeOf(transcript.Language)
		return nil
	})
	return said, err
}

// checkWyoming asks the server for its description, which shows that it works.
func (r *recognizer) checkWyoming(ctx context.Context) error {
	return r.withConn(ctx, func(conn net.Conn) error {
		w := bufio.NewWriter(conn)
		send(w, "describe", nil, nil)
		if err := w.Flush(); err != nil {
			return err
		}
		info, err := await(conn, "info")
		if err == nil {
			r.readInfo(info.Data)
		}
		return err
	})
}

// withConn calls exchange with a connection that fails when ctx is done. An error is an
// *Error.
func (r *recognizer) withConn(ctx context.Context, exchange func(net.Conn) error) error {
	conn, err := r.dialVerified(ctx, r.address.Network, r.address.Target)
	if err != nil {
		return failure(r.where(), err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err = exchange(conn)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = context.DeadlineExceeded
	}
	return failure(r.where(), err)
}

// sendQuestion writes the events of a question to w and flushes it. After an error w
// drops the rest. w cannot be used afterwards.
func (r *recognizer) sendQuestion(w *bufio.Writer, q question) error {
	type language struct {
		Name     string `json:"name,omitempty"`
		Language string `json:"language,omitempty"`
	}
	format := struct {
		Rate     int `json:"rate"`
		Width    int `json:"width"`
		Channels int `json:"channels"`
	}{q.clip.Rate, 2, 1}
	send(w, "transcribe", language{r.Model, q.code}, nil)
	send(w, "audio-start", format, nil)
	header := len(pcm.Clip{}.WAV())
	for samples := range slices.Chunk(q.clip.Samples, chunkSize) {
		wav := pcm.Clip{Rate: q.clip.Rate, Samples: samples}.WAV()
		send(w, "audio-chunk", format, wav[header:])
		clear(wav)
	}
	send(w, "audio-stop", struct{}{}, nil)
	err := w.Flush()
	w.Reset(nil)
	b := w.AvailableBuffer()
	clear(b[:cap(b)]) // it held speech
	return err
}

// send writes one event, with its data apart as the reference server does. w keeps
// the error for Flush.
func send(w *bufio.Writer, kind string, data any, payload []byte) {
	var body []byte
	var err error
	if data != nil {
		body, err = json.Marshal(data)
		must(err)
	}
	line, err := json.Marshal(event{Type: kind, DataLength: len(body), PayloadLength: len(payload)})
	must(err)
	for _, b := range [][]byte{line, {'\n'}, body, payload} {
		_, _ = w.Write(b)
	}
}

// await returns the next event of a kind. It reads at most maxReply bytes.
func await(r io.Reader, kind string) (event, error) {
	limited := &io.LimitedReader{R: r, N: maxReply}
	in := bufio.NewReader(limited)
	for {
		e, err := readEvent(in)
		switch {
		case err != nil && limited.N == 0:
			return event{}, errLong
		case err != nil:
			return event{}, err
		case e.Type == kind:
			return e, nil
		case e.Type == "error":
			var said struct {
				Text string `json:"text"`
			}
			_ = json.Unmarshal(e.Data, &said) // it may have no text
			return event{}, &Error{Kind: Failing, Said: oneLine(said.Text)}
		}
	}
}

// readEvent reads one event and drops its payload.
func readEvent(in *bufio.Reader) (event, error) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return event{}, err
	}
	var e event
	if depth(line) > maxDepth || json.Unmarshal(line, &e) != nil {
		return event{}, garbled("it does not speak Wyoming")
	}
	if e.DataLength < 0 || e.DataLength > maxReply || e.PayloadLength < 0 {
		return event{}, garbled(fmt.Sprintf("an event of %d and %d bytes", e.DataLength, e.PayloadLength))
	}
	if e.DataLength > 0 {
		data := make([]byte, e.DataLength)
		if _, err := io.ReadFull(in, data); err != nil {
			return event{}, err
		}
		if depth(data) > maxDepth {
			return event{}, garbled("it is nested too deep")
		}
		e.Data = data
	}
	if _, err := io.CopyN(io.Discard, in, int64(e.PayloadLength)); err != nil {
		return event{}, err
	}
	return e, nil
}
