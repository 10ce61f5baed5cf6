package onnxtest

import "testing"

// pieces are the vocabulary of transducers and CTC models; the last is the blank.
var pieces = []string{"<unk>", "▁al", "pha", "▁be", "ta", "<blk>"}

const blank = 5

// frames returns the rows of a table, one for each eight frames of sound, and how many.
// The last row of the table is repeated.
func (g *graph) frames(length string, table [][]float32) (rows, count string) {
	count = g.do("Add", g.do("Div", length, g.scalar(8)), g.scalar(1))
	index := g.do("Min", g.do("Range", g.scalar(0), count, g.scalar(1)), g.scalar(int64(len(table)-1)))
	return g.do("Gather", g.rows(table), index), count
}

func (g *graph) rows(table [][]float32) string {
	var all []float32
	for _, row := range table {
		all = append(all, row...)
	}
	return g.floats([]int64{int64(len(table)), int64(len(table[0]))}, all...)
}

// spoken are the frames of "alpha", which is nearly "beta".
func spoken(blank int) [][]float32 {
	first, second, end := make([]float32, len(pieces)), make([]float32, len(pieces)), make([]float32, len(pieces))
	shift := 0
	if blank == 0 {
		shift = 1
	}
	first[1+shift], first[3+shift] = 8, 7.5
	second[2+shift], second[4+shift] = 8, 7.5
	first[blank], second[blank], end[blank] = 5, 5, 8
	return [][]float32{first, second, end}
}

// unlike returns a table that makes the beginnings of words unlikely after one of them, and
// the same for their ends: there is one of each.
func unlike(blank int) [][]float32 {
	table := make([][]float32, len(pieces))
	shift := 0
	if blank == 0 {
		shift = 1
	}
	for i := range table {
		table[i] = make([]float32, len(pieces))
	}
	for _, pair := range [][2]int{{1 + shift, 3 + shift}, {2 + shift, 4 + shift}} {
		for _, after := range pair {
			table[after][pair[0]], table[after][pair[1]] = -40, -40
		}
	}
	return table
}

// nemoDecoder and nemoJoiner are the same for whole clips and streaming.
func nemoDecoder(t testing.TB, folder string) {
	g := newGraph()
	targets := g.in("targets", integer, 1, dynamic)
	length := g.in("target_length", integer, 1)
	h, c := g.in("states.1", float, 1, 1, 2), g.in("states.2", float, 1, 1, 2)
	rows := g.do("Gather", g.rows(unlike(blank)), targets)
	g.out(g.with("Transpose", []attribute{list("perm", 0, 2, 1)}, rows), "outputs", float, 1, int64(len(pieces)), dynamic)
	g.out(length, "prednet_lengths", integer, 1)
	g.out(h, "states", float, 1, 1, 2)
	g.out(c, "states.3", float, 1, 1, 2)
	g.save(t, folder, "decoder.int8.onnx")
}

func nemoJoiner(t testing.TB, folder string) {
	n := int64(len(pieces))
	g := newGraph()
	sum := g.do("Add", g.in("encoder_outputs", float, 1, n, dynamic), g.in("decoder_outputs", float, 1, n, dynamic))
	g.out(g.reshape(sum, 1, 1, 1, n), "outputs", float, 1, 1, 1, n)
	g.save(t, folder, "joiner.int8.onnx")
}

// TDT writes a model of the kind of Parakeet TDT, which also says how many frames each token
// lasts: one, of none to four. It says the same as Transducer.
func TDT(t testing.TB, folder string) {
	parakeet(t, folder, "parakeet-tdt")
	n := int64(len(pieces))
	g := newGraph()
	sum := g.do("Add", g.in("encoder_outputs", float, 1, n, dynamic), g.in("decoder_outputs", float, 1, n, dynamic))
	both := g.with("Concat", []attribute{one("axis", 3)}, g.reshape(sum, 1, 1, 1, n), g.floats([]int64{1, 1, 1, 5}, 0, 9, 0, 0, 0))
	g.out(both, "outputs", float, 1, 1, 1, n+5)
	g.save(t, folder, "joiner.int8.onnx")
}

// Transducer writes a model of the kind of Parakeet. It says "alpha", and "beta" if that is
// a hot word.
func Transducer(t testing.TB, folder string) { parakeet(t, folder, "parakeet-rnnt") }

// parakeet writes a Transducer of this name, which shows that it is a TDT.
func parakeet(t testing.TB, folder, name string) {
	n := int64(len(pieces))
	g := newGraph()
	audio := g.in("audio_signal", float, 1, 80, dynamic)
	g.in("length", long, 1)
	length := g.dim(audio, 2)
	rows, count := g.frames(length, spoken(blank))
	rows = g.ballast(rows, length)
	out := g.with("Transpose", []attribute{list("perm", 0, 2, 1)}, g.do("Unsqueeze", rows, g.longs(0)))
	g.out(out, "outputs", float, 1, n, dynamic)
	g.out(g.reshape(count, 1), "encoded_lengths", long, 1)
	g.meta("model_type", "EncDecRNNTBPEModel", "vocab_size", "5", "subsampling_factor", "8", "normalize_type", "per_feature",
		"pred_rnn_layers", "1", "pred_hidden", "2", "url", "https://example.org/"+name)
	g.save(t, folder, "encoder.int8.onnx")
	nemoDecoder(t, folder)
	nemoJoiner(t, folder)
	tokens(t, folder, pieces)
}

// Nemotron writes a streaming model. It says "alpha" if no language or English is named, and
// "beta" for German, or if "beta" is a hot word.
func Nemotron(t testing.TB, folder string) {
	n := int64(len(pieces))
	g := newGraph()
	audio := g.in("audio_signal", float, 1, 80, dynamic)
	g.in("length", long, 1)
	channel := g.in("cache_last_channel", float, 1, 1, 1, 2)
	time := g.in("cache_last_time", float, 1, 1, 2, 1)
	count := g.in("cache_last_channel_len", long, 1)
	prompt := g.in("prompt_index", long, 1)
	said := spoken(blank)
	german := [][]float32{append([]float32{}, said[0]...), append([]float32{}, said[1]...), said[2]}
	german[0][3], german[1][4] = 16, 16
	// The rows of auto (0), English (1) and German (2), one behind the other.
	table := append(append(append([][]float32{}, said...), said...), german...)
	index := g.do("Add", g.do("Mul", prompt, g.longs(3)), g.do("Min", count, g.longs(2)))
	row := g.ballast(g.do("Gather", g.rows(table), index), g.dim(audio, 2))
	g.out(g.reshape(row, 1, n, 1), "outputs", float, 1, n, 1)
	g.out(g.longs(1), "encoded_lengths", long, 1)
	g.out(channel, "cache_last_channel_next", float, 1, 1, 1, 2)
	g.out(time, "cache_last_time_next", float, 1, 1, 2, 1)
	g.out(g.do("Add", count, g.longs(1)), "cache_last_channel_next_len", long, 1)
	g.meta("model_type", "EncDecRNNTBPEModel", "vocab_size", "5", "subsampling_factor", "8", "normalize_type", "NA",
		"pred_rnn_layers", "1", "pred_hidden", "2", "window_size", "17", "chunk_shift", "8",
		"cache_last_channel_dim1", "1", "cache_last_channel_dim2", "1", "cache_last_channel_dim3", "2",
		"cache_last_time_dim1", "1", "cache_last_time_dim2", "2", "cache_last_time_dim3", "1",
		"prompt_dictionary", `{"auto": 0, "en-US": 1, "de-DE": 2}`, "auto_prompt_id", "0")
	g.save(t, folder, "encoder.int8.onnx")
	nemoDecoder(t, folder)
	nemoJoiner(t, folder)
	tokens(t, folder, pieces)
}

// Zipformer writes a transducer of Next-gen Kaldi. It says "alpha", and "beta" if that is a
// hot word.
func Zipformer(t testing.TB, folder string) {
	g := newGraph()
	x := g.in("x", float, 1, dynamic, 80)
	g.in("x_lens", long, 1)
	length := g.dim(x, 1)
	rows, count := g.frames(length, spoken(0))
	g.out(g.do("Unsqueeze", g.ballast(rows, length), g.longs(0)), "encoder_out", float, 1, dynamic, int64(len(pieces)))
	g.out(g.reshape(count, 1), "encoder_out_lens", long, 1)
	g.meta("model_type", "zipformer2", "version", "1", "comment", "test")
	g.save(t, folder, "encoder-epoch-99-avg-1.int8.onnx")
	kaldiDecoder(t, folder)
}

// ZipformerOnline writes a streaming one, which says the same.
func ZipformerOnline(t testing.TB, folder string) {
	n := int64(len(pieces))
	g := newGraph()
	x := g.in("x", float, 1, dynamic, 80)
	states := []struct {
		name string
		dims []int64
	}{
		{"cached_key_0", []int64{2, 1, 2}}, {"cached_nonlin_attn_0", []int64{1, 1, 2, 3}}, {"cached_val1_0", []int64{2, 1, 2}},
		{"cached_val2_0", []int64{2, 1, 2}}, {"cached_conv1_0", []int64{1, 4, 1}}, {"cached_conv2_0", []int64{1, 4, 1}}, {"embed_states", []int64{1, 128, 3, 19}},
	}
	for _, s := range states {
		g.in(s.name, float, s.dims...)
	}
	count := g.in("processed_lens", long, 1)
	row := g.ballast(g.do("Gather", g.rows(spoken(0)), g.do("Min", count, g.longs(2))), g.dim(x, 1))
	g.out(g.reshape(row, 1, 1, n), "encoder_out", float, 1, 1, n)
	for _, s := range states {
		g.out(s.name, "new_"+s.name, float, s.dims...)
	}
	g.out(g.do("Add", count, g.longs(1)), "new_processed_lens", long, 1)
	g.meta("model_type", "zipformer2", "encoder_dims", "4", "query_head_dims", "2", "value_head_dims", "2", "num_heads", "1",
		"num_encoder_layers", "1", "cnn_module_kernels", "3", "left_context_len", "2", "T", "17", "decode_chunk_len", "8")
	g.save(t, folder, "encoder-epoch-99-avg-1.int8.onnx")
	kaldiDecoder(t, folder)
}

// kaldiDecoder writes the decoder, joiner and vocabulary of a transducer of Next-gen Kaldi.
func kaldiDecoder(t testing.TB, folder string) {
	n := int64(len(pieces))
	d := newGraph()
	y := d.in("y", long, dynamic, 2)
	last := d.do("Gather", d.with("Transpose", nil, y), d.scalar(1))
	d.out(d.do("Gather", d.rows(unlike(0)), last), "decoder_out", float, dynamic, n)
	d.meta("context_size", "2", "vocab_size", "6")
	d.save(t, folder, "decoder-epoch-99-avg-1.int8.onnx")

	j := newGraph()
	sum := j.do("Add", j.in("encoder_out", float, dynamic, n), j.in("decoder_out", float, dynamic, n))
	j.out(sum, "logit", float, dynamic, n)
	j.meta("joiner_dim", "6")
	j.save(t, folder, "joiner-epoch-99-avg-1.int8.onnx")
	tokens(t, folder, append([]string{"<blk>"}, pieces[:blank]...))
}

// CTC writes a model of the kind of Parakeet CTC. It says "alpha".
func CTC(t testing.TB, folder string) {
	n := int64(len(pieces))
	g := newGraph()
	audio := g.in("audio_signal", float, 1, 80, dynamic)
	g.in("length", long, 1)
	length := g.dim(audio, 2)
	rows, _ := g.frames(length, spoken(blank))
	g.out(g.do("Unsqueeze", g.ballast(rows, length), g.longs(0)), "logprobs", float, 1, dynamic, n)
	g.meta("model_type", "EncDecCTCModelBPE", "vocab_size", "5", "subsampling_factor", "8", "normalize_type", "per_feature")
	g.save(t, folder, "model.int8.onnx")
	tokens(t, folder, pieces)
}
