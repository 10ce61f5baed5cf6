// Package realserver runs the real recognizers that tests use, on free ports of this
// host's loopback.
package realserver

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
)

// No package of a distribution has weights of Whisper in ggml's format. The model of
// whisper-server is therefore a puppet: it writes one sentence for any sound. Everything
// else is real: HTTP, forms, sound decoding, the window of 30 s, line breaks, errors.

// Sentence is the text that the puppet writes.
const Sentence = "The puppet has heard a sound, and this is all that it can ever say about it."

// The shape of the model, as small as whisper.cpp accepts it: one layer, only English. Source: whisper_model_load in src/whisper.cpp of version 1.9.1.
const (
	vocabulary = 51864
	audioCtx   = 1500
	textCtx    = 448
	width      = 64
	mels       = 80
	bins       = 201

	endOfText = 50256 // tokens of an English model
	start     = 50257
	noTimes   = 50362
	firstTime = 50363 // <|0.00|>; those of later times follow

	firstWord = 100 // of the puppet's tokens
)

// WriteModel writes the puppet as a ggml model file, of 8 MB. Each token of the sentence
// has its own direction. The one layer with an effect turns each direction into that of
// the next token.
//
//	token k ──embedding──▶ direction k ──layer──▶ direction k+1 ──embedding──▶ token k+1
func WriteModel(to io.Writer) error {
	words := strings.SplitAfter(" "+strings.ReplaceAll(Sentence, " ", "\x00 "), "\x00")
	if len(words)+1 > width/2 {
		return errors.New("the sentence has more words than the model directions")
	}
	for i := range words {
		words[i] = strings.TrimSuffix(words[i], "\x00")
	}
	w := &model{Writer: bufio.NewWriter(to)}
	w.ints(0x67676d6c, vocabulary, audioCtx, width, 1, 1, textCtx, width, 1, 1, mels, 1)
	w.ints(mels, bins)
	w.floats(make([]float32, mels*bins))
	w.tokens(words)
	w.encoder()
	w.decoder(words)
	if w.err != nil {
		return w.err
	}
	return w.Flush()
}

// A model is a file that is being written. It keeps the first error.
type model struct {
	*bufio.Writer
	err error
}

func (m *model) write(v any) {
	if m.err == nil {
		m.err = binary.Write(m, binary.LittleEndian, v)
	}
}

func (m *model) ints(all ...int32) { m.write(all) }

func (m *model) floats(all []float32) { m.write(all) }

// tokens writes the spelling of each token. The first three must exist.
func (m *model) tokens(words []string) {
	m.ints(endOfText)
	for i := range endOfText {
		spelling := "<" + string(rune('0'+i%10)) + "-" + strings.Repeat("x", i%7) + ">" + string(rune(0x4e00+i%20000)) + string(rune('a'+i/20000))
		if i < 3 {
			spelling = []string{" ", " -", " '"}[i]
		}
		if k := i - firstWord; k >= 0 && k < len(words) {
			spelling = words[k]
		}
		m.ints(int32(len(spelling)))
		m.write([]byte(spelling))
	}
}

// tensor writes a tensor of single precision or, if half is set, of half precision.
func (m *model) tensor(name string, half bool, data []float32, dims ...int32) {
	kind := int32(0)
	if half {
		kind = 1
	}
	m.ints(int32(len(dims)), int32(len(name)), kind)
	m.ints(dims...)
	m.write([]byte(name))
	if !half {
		m.floats(data)
		return
	}
	halves := make([]uint16, len(data))
	for i, v := range data {
		halves[i] = float16(v)
	}
	m.write(halves)
}

func (m *model) zeros(name string, half bool, dims ...int32) {
	n := int32(1)
	for _, d := range dims {
		n *= d
	}
	m.tensor(name, half, make([]float32, n), dims...)
}

func (m *model) ones(name string) {
	all := make([]float32, width)
	for i := range all {
		all[i] = 1
	}
	m.tensor(name, false, all, width)
}

// attention writes an attention without effect.
func (m *model) attention(name string) {
	m.ones(name + "_ln.weight")
	m.zeros(name+"_ln.bias", false, width)
	for _, part := range []string{"query", "key", "value", "out"} {
		m.zeros(name+"."+part+".weight", true, width, width)
		if part != "key" {
			m.zeros(name+"."+part+".bias", false, width)
		}
	}
}

// encoder writes an encoder that ignores the sound.
func (m *model) encoder() {
	m.zeros("encoder.positional_embedding", false, width, audioCtx)
	m.zeros("encoder.conv1.weight", true, 3, mels, width)
	m.zeros("encoder.conv1.bias", false, 1, width)
	m.zeros("encoder.conv2.weight", true, 3, width, width)
	m.zeros("encoder.conv2.bias", false, 1, width)
	m.ones("encoder.ln_post.weight")
	m.zeros("encoder.ln_post.bias", false, width)
	m.attention("encoder.blocks.0.attn")
	m.ones("encoder.blocks.0.mlp_ln.weight")
	m.zeros("encoder.blocks.0.mlp_ln.bias", false, width)
	m.zeros("encoder.blocks.0.mlp.0.weight", true, width, 4*width)
	m.zeros("encoder.blocks.0.mlp.0.bias", false, 4*width)
	m.zeros("encoder.blocks.0.mlp.2.weight", true, 4*width, width)
	m.zeros("encoder.blocks.0.mlp.2.bias", false, width)
}

// decoder writes the decoder, which writes the sentence. Direction 0 is that of the
// tokens before a text, direction k that of word k, and the last one that of the end.
func (m *model) decoder(words []string) {
	embedding := make([]float32, vocabulary*width)
	for _, token := range []int{start, noTimes, firstTime} {
		point(embedding[token*width:], 0, 3)
	}
	for i := range words {
		point(embedding[(firstWord+i)*width:], i+1, 3)
	}
	point(embedding[endOfText*width:], len(words)+1, 3)

	// A layer reads directions with a length of 11. The output for the present direction is
	// 6, for the others 0.
	turn := make([]float32, 4*width*width)
	to := make([]float32, width*4*width)
	bias := make([]float32, 4*width)
	for k := range len(words) + 1 {
		point(turn[k*width:], k, 1)
		to[2*(k+1)*4*width+k], to[(2*(k+1)+1)*4*width+k] = 10, -10
	}
	for i := range bias {
		bias[i] = -5
	}

	m.zeros("decoder.positional_embedding", false, width, textCtx)
	m.tensor("decoder.token_embedding.weight", true, embedding, width, vocabulary)
	m.ones("decoder.ln.weight")
	m.zeros("decoder.ln.bias", false, width)
	m.attention("decoder.blocks.0.attn")
	m.attention("decoder.blocks.0.cross_attn")
	m.ones("decoder.blocks.0.mlp_ln.weight")
	m.zeros("decoder.blocks.0.mlp_ln.bias", false, width)
	m.tensor("decoder.blocks.0.mlp.0.weight", true, turn, width, 4*width)
	m.tensor("decoder.blocks.0.mlp.0.bias", false, bias, 4*width)
	m.tensor("decoder.blocks.0.mlp.2.weight", true, to, 4*width, width)
	m.zeros("decoder.blocks.0.mlp.2.bias", false, width)
}

// point sets direction k of a vector: two of its numbers, so that their mean is zero. No
// two directions have a number in common.
func point(vector []float32, k int, length float32) {
	vector[2*k], vector[2*k+1] = length, -length
}

// float16 returns a number of small whole size in half precision (IEEE 754
// binary16), to the nearest below.
func float16(v float32) uint16 {
	b := math.Float32bits(v)
	if b<<1 == 0 {
		return 0
	}
	return uint16(b>>16&0x8000) | uint16((int(b>>23&0xff)-127+15)<<10) | uint16(b>>13&0x3ff)
}
