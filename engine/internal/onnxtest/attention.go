package onnxtest

import (
	"fmt"
	"strings"
	"testing"
)

// european are the languages of Canary here; their codes are tokens.
var european = []string{"en", "de", "es", "fr"}

// Canary writes a model that says from which language it was asked to write into which, as
// "from-de to-en".
func Canary(t testing.TB, folder string) {
	words := []string{"<unk>", "<|startofcontext|>", "<|startoftranscript|>", "<|emo:undefined|>"}
	for _, l := range european {
		words = append(words, "<|"+l+"|>")
	}
	words = append(words, "<|pnc|>", "<|nopnc|>", "<|noitn|>", "<|notimestamp|>", "<|nodiarize|>", "<|endoftext|>")
	const languages, end = 4, 13 // tokens
	from := int64(len(words))
	for _, l := range european {
		words = append(words, "▁from-"+l)
	}
	to := int64(len(words))
	for _, l := range european {
		words = append(words, "▁to-"+l)
	}
	n := int64(len(words))

	g := newGraph()
	audio := g.in("audio_signal", float, 1, dynamic, 80)
	g.in("length", long, 1)
	length := g.dim(audio, 1)
	frames := g.do("Add", g.do("Div", length, g.scalar(8)), g.scalar(1))
	shape := g.with("Concat", []attribute{one("axis", 0)}, g.longs(1), g.reshape(frames, 1), g.longs(2))
	states := g.do("Expand", g.ballast(g.floats([]int64{1, 1, 1}, 0), length), shape)
	g.out(states, "encoder_states", float, 1, dynamic, 2)
	g.out(g.reshape(frames, 1), "encoded_lengths", long, 1)
	g.out(g.do("Expand", g.longsOf([]int64{1, 1}, []int64{1}), g.do("Slice", shape, g.longs(0), g.longs(2))), "enc_mask", long, 1, dynamic)
	g.meta("model_type", "EncDecMultiTaskModel", "vocab_size", fmt.Sprint(n), "normalize_type", "per_feature", "subsampling_factor", "8",
		"feat_dim", "80", "num_decoder_layers", "1", "decoder_hidden_size", "1")
	g.save(t, folder, "encoder.int8.onnx")

	// The state of the decoder is the tokens that it got: 9 of the request, of which the
	// fourth and fifth are the languages, then its own.
	d := newGraph()
	input := d.in("decoder_input", integer, 1, 2)
	state := d.in("decoder_mems_0", float, 1, dynamic, 1)
	d.in("encoder_states", float, 1, dynamic, 2)
	d.in("enc_mask", long, 1, dynamic)
	token := d.reshape(d.cast(d.do("Gather", d.reshape(input, 2), d.longs(0)), float), 1, 1, 1)
	got := d.with("Concat", []attribute{one("axis", 1)}, state, token)
	d.out(answerAt(d, got, map[int]pick{9: {3, from - languages}, 10: {4, to - languages}}, end, n), "logits", float, 1, 1, n)
	d.out(got, "decoder_mems_0_next", float, 1, dynamic, 1)
	d.save(t, folder, "decoder.int8.onnx")
	tokens(t, folder, words)
}

// A pick is an answer: the token at a place, plus a number.
type pick struct {
	place int
	plus  int64
}

// answerAt returns logits of the next token after the tokens got; the answer depends on
// their number.
func answerAt(g *graph, got string, answers map[int]pick, end, words int64) string {
	const most = 16
	place, times, plus := make([]int64, most), make([]int64, most), make([]int64, most)
	for i := range most {
		plus[i] = end
		if p, is := answers[i]; is {
			place[i], times[i], plus[i] = int64(p.place), 1, p.plus
		}
	}
	flat := g.cast(g.reshape(got, -1), long)
	count := g.do("Min", g.do("Size", flat), g.scalar(most-1))
	at := func(table []int64) string { return g.do("Gather", g.longs(table...), count) }
	id := g.do("Add", g.do("Mul", g.do("Gather", flat, at(place)), at(times)), at(plus))
	return g.reshape(g.oneHot(g.reshape(id, 1), words), 1, 1, words)
}

// Cohere writes a model that says in which language it was asked to write.
func Cohere(t testing.TB, folder string) {
	words := []string{"<unk>", "<|startofcontext|>", "<|startoftranscript|>", "<|emo:undefined|>", "<|pnc|>", "<|nopnc|>", "<|itn|>", "<|noitn|>",
		"<|notimestamp|>", "<|nodiarize|>", "<|endoftext|>"}
	const end = 10
	next := make([]int64, len(words))
	for _, l := range strings.Fields("ar de el en es fr it ja ko nl pl pt vi zh") {
		next = append(next, int64(len(words)+1), end)
		words = append(words, "<|"+l+"|>", "▁in-"+l)
	}
	n := int64(len(words))

	g := newGraph()
	mel := g.in("mel", float, 1, 128, dynamic)
	length := g.dim(mel, 2)
	frames := g.do("Add", g.do("Div", length, g.scalar(8)), g.scalar(1))
	shape := g.with("Concat", []attribute{one("axis", 0)}, g.longs(1, 1), g.reshape(frames, 1), g.longs(2))
	cross := g.do("Expand", g.ballast(g.floats([]int64{1, 1, 1, 1}, 0), length), shape)
	g.out(cross, "n_layer_cross_k", float, 1, 1, dynamic, 2)
	g.out(cross, "n_layer_cross_v", float, 1, 1, dynamic, 2)
	g.meta("model_type", "cohere-transcribe-03-2026")
	g.save(t, folder, "encoder.int8.onnx")

	// Of a request the fourth token is the language; alone it is an answer of the model.
	d := newGraph()
	ids := d.in("tokens", long, 1, dynamic)
	k, v := d.in("in_n_layer_self_k_cache", float, 1, 1, 1, 64, 2), d.in("in_n_layer_self_v_cache", float, 1, 1, 1, 64, 2)
	d.in("n_layer_cross_k", float, 1, 1, dynamic, 2)
	d.in("n_layer_cross_v", float, 1, 1, dynamic, 2)
	d.in("offset", long)
	flat := d.reshape(ids, -1)
	count := d.do("Size", flat)
	last := d.do("Gather", flat, d.do("Min", d.do("Sub", count, d.scalar(1)), d.scalar(3)))
	logits := d.reshape(d.oneHot(d.reshape(d.do("Gather", d.longs(next...), last), 1), n), 1, 1, n)
	all := d.with("Concat", []attribute{one("axis", 0)}, d.longs(1), d.reshape(count, 1), d.longs(n))
	d.out(d.do("Expand", logits, all), "logits", float, 1, dynamic, n)
	d.out(k, "out_n_layer_self_k_cache", float, 1, 1, 1, 64, 2)
	d.out(v, "out_n_layer_self_v_cache", float, 1, 1, 1, 64, 2)
	d.save(t, folder, "decoder.int8.onnx")
	tokens(t, folder, words)
}

// SenseVoice writes a model that says in which language it was asked to write: auto, zh, en,
// ja, ko or yue.
func SenseVoice(t testing.TB, folder string) {
	codes := []string{"auto", "zh", "en", "yue", "ja", "ko"}
	numbers := []int64{0, 3, 4, 7, 11, 12} // of the languages in the model
	words := []string{"<blank>", "<|NEUTRAL|>", "<|Speech|>", "<|withitn|>"}
	tags, says := make([]int64, 13), make([]int64, 13)
	var about []string
	for i, code := range codes {
		tags[numbers[i]], says[numbers[i]] = int64(len(words)), int64(len(words)+1)
		words = append(words, "<|"+code+"|>", "▁in-"+code)
		about = append(about, "lang_"+code, fmt.Sprint(numbers[i]))
	}
	n := int64(len(words))

	g := newGraph()
	x := g.in("x", float, 1, dynamic, 560)
	g.in("x_length", integer, 1)
	language := g.in("language", integer, 1)
	g.in("text_norm", integer, 1)
	length := g.dim(x, 1)
	said := g.with("Concat", []attribute{one("axis", 0)},
		g.do("Gather", g.longs(tags...), language), g.longs(1, 2, 3), g.do("Gather", g.longs(says...), language),
		g.do("Expand", g.longs(0), g.reshape(length, 1)))
	ids := g.do("Slice", said, g.longs(0), g.reshape(g.do("Add", length, g.scalar(4)), 1))
	g.out(g.do("Unsqueeze", g.ballast(g.oneHot(ids, n), length), g.longs(0)), "logits", float, 1, dynamic, n)
	zeros := strings.TrimSuffix(strings.Repeat("0,", 560), ",")
	ones := strings.TrimSuffix(strings.Repeat("1,", 560), ",")
	g.meta(append(about, "model_type", "sense_voice_ctc", "vocab_size", fmt.Sprint(n), "lfr_window_size", "7", "lfr_window_shift", "6",
		"normalize_samples", "0", "with_itn", "14", "without_itn", "15", "neg_mean", zeros, "inv_stddev", ones)...)
	g.save(t, folder, "model.int8.onnx")
	tokens(t, folder, words)
}

// Moonshine4 writes a Moonshine in four parts. It says "alpha".
func Moonshine4(t testing.TB, folder string) {
	words := []string{"<unk>", "<s>", "</s>", "▁alpha"}
	n := int64(len(words))
	g := newGraph()
	audio := g.in("audio", float, 1, dynamic)
	frames := g.do("Add", g.do("Div", g.dim(audio, 1), g.scalar(384)), g.scalar(1))
	shape := g.with("Concat", []attribute{one("axis", 0)}, g.longs(1), g.reshape(frames, 1), g.longs(2))
	g.out(g.do("Expand", g.ballast(g.floats([]int64{1, 1, 1}, 0), frames), shape), "features", float, 1, dynamic, 2)
	g.save(t, folder, "preprocess.onnx")

	e := newGraph()
	features := e.in("features", float, 1, dynamic, 2)
	e.in("features_len", integer, 1)
	e.out(features, "encoded", float, 1, dynamic, 2)
	e.save(t, folder, "encode.int8.onnx")

	for name, id := range map[string]int64{"uncached": 3, "cached": 2} {
		d := newGraph()
		token := d.in("token", integer, 1, 1)
		d.in("encoded", float, 1, dynamic, 2)
		d.in("seq_len", integer, 1)
		state := d.cast(token, float)
		if name == "cached" {
			state = d.in("state", float, 1, 1)
		}
		d.out(d.reshape(d.oneHot(d.longs(id), n), 1, 1, n), "logits", float, 1, 1, n)
		d.out(state, "next", float, 1, 1)
		d.save(t, folder, name+"_decode.int8.onnx")
	}
	tokens(t, folder, words)
}
