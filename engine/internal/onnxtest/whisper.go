package onnxtest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// Whisper writes a multilingual model that says with which tokens its text began: language,
// task, and how many tokens came before these, as "de transcribe 7". Each character is a
// token. A clip below 10 s is in English, a longer one in German.
func Whisper(t testing.TB, folder string) {
	const most = 20 // numbers that it can say
	codes, tasks := []string{"en", "de", "fr"}, []string{"transcribe", "translate"}
	words := strings.Split(" abcdefghijklmnopqrstuvwxyz.,", "")
	first := int64(len(words))
	for _, l := range codes {
		for _, task := range tasks {
			for i := range most {
				words = append(words, fmt.Sprintf(" %s %s %d", l, task, i))
			}
		}
	}
	sot := int64(len(words))
	n := sot + 10
	ids := map[string]int64{"sot": sot, "transcribe": sot + 4, "translate": sot + 5, "no_timestamps": sot + 6, "sot_prev": sot + 7, "no_speech": sot + 8, "eot": sot + 9}

	g := newGraph()
	mel := g.in("mel", float, 1, 80, dynamic)
	length := g.dim(mel, 2)
	frames := g.do("Add", g.do("Div", length, g.scalar(2)), g.scalar(1))
	shape := g.with("Concat", []attribute{one("axis", 0)}, g.longs(1, 1), g.reshape(frames, 1), g.longs(2))
	cross := g.do("Expand", g.ballast(g.floats([]int64{1, 1, 1, 1}, 0), length), shape)
	g.out(cross, "n_layer_cross_k", float, 1, 1, dynamic, 2)
	g.out(cross, "n_layer_cross_v", float, 1, 1, dynamic, 2)
	about := []string{"model_type", "whisper-made", "n_mels", "80", "n_audio_ctx", "1500", "n_text_ctx", "448", "n_text_state", "2", "n_text_layer", "1",
		"n_vocab", fmt.Sprint(n), "is_multilingual", "1", "blank_id", "0", "all_language_codes", strings.Join(codes, ","),
		"all_language_tokens", fmt.Sprintf("%d,%d,%d", sot+1, sot+2, sot+3), "sot_sequence", fmt.Sprintf("%d,%d,%d", sot, sot+1, sot+4),
		"sot_index", "0", "non_speech_tokens", "0"}
	for name, id := range ids {
		about = append(about, name, fmt.Sprint(id))
	}
	g.meta(about...)
	g.save(t, folder, "made-encoder.int8.onnx")

	// A request ends with language, task and no_timestamps; one token alone is an answer, or
	// asks for the language.
	d := newGraph()
	tokens := d.in("tokens", long, 1, dynamic)
	k, v := d.in("in_n_layer_self_k_cache", float, 1, 1, 448, 2), d.in("in_n_layer_self_v_cache", float, 1, 1, 448, 2)
	d.in("n_layer_cross_k", float, 1, 1, dynamic, 2) // 50 a second, with 10 s of silence
	d.in("n_layer_cross_v", float, 1, 1, dynamic, 2)
	d.in("offset", long, 1)
	flat := d.reshape(tokens, -1)
	count := d.do("Size", flat)
	at := func(fromEnd int64) string {
		return d.do("Gather", flat, d.do("Max", d.do("Sub", count, d.scalar(fromEnd)), d.scalar(0)))
	}
	language := d.do("Mul", d.do("Sub", at(3), d.scalar(sot+1)), d.scalar(most*int64(len(tasks))))
	task := d.do("Mul", d.do("Sub", at(2), d.scalar(ids["transcribe"])), d.scalar(most))
	more := d.do("Min", d.do("Max", d.do("Sub", count, d.scalar(4)), d.scalar(0)), d.scalar(most-1))
	said := d.do("Add", d.do("Add", language, task), d.do("Add", more, d.scalar(first)))
	detected := d.do("Add", d.do("Min", d.do("Div", d.dim("n_layer_cross_k", 2), d.scalar(1000)), d.scalar(1)), d.scalar(sot+1))
	alone := d.do("Where", d.do("Equal", at(1), d.scalar(sot)), detected, d.scalar(ids["eot"]))
	id := d.do("Where", d.do("Less", count, d.scalar(4)), alone, said)
	logits := d.reshape(d.oneHot(d.reshape(id, 1), n), 1, 1, n)
	d.out(d.do("Expand", logits, d.with("Concat", []attribute{one("axis", 0)}, d.longs(1), d.reshape(count, 1), d.longs(n))), "logits", float, 1, dynamic, n)
	d.out(k, "out_n_layer_self_k_cache", float, 1, 1, 448, 2)
	d.out(v, "out_n_layer_self_v_cache", float, 1, 1, 448, 2)
	d.save(t, folder, "made-decoder.int8.onnx")
	text := ""
	for i, w := range words {
		text += fmt.Sprintf("%s %d\n", base64.StdEncoding.EncodeToString([]byte(w)), i)
	}
	write(t, folder, "made-tokens.txt", text)
}
