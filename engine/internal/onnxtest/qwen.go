package onnxtest

import (
	"encoding/json"
	"fmt"
	"testing"
)

// Qwen3 writes a model whose word depends on its whole prompt: it is a letter, the sum of
// the prompt's tokens modulo 26, and that letter's place modulo 10.
func Qwen3(t testing.TB, folder string) {
	special := []string{"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|audio_start|>", "<|audio_end|>", "<|audio_pad|>", "<asr_text>"}
	vocabulary := map[string]int{}
	for b := range 256 {
		vocabulary[byteToken(b)] = b
	}
	added := map[string]any{}
	for i, s := range special {
		added[fmt.Sprint(256+i)] = map[string]any{"content": s, "special": true, "lstrip": false, "rstrip": false, "normalized": false, "single_word": false}
	}
	const words, end = 263, 258 // <|im_end|>
	writeJSON(t, folder, "vocab.json", vocabulary)
	write(t, folder, "merges.txt", "#version: 0.2\n")
	writeJSON(t, folder, "tokenizer_config.json", map[string]any{"added_tokens_decoder": added, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"})

	c := newGraph()
	x := c.in("input_features", float, 1, dynamic, 128)
	length := c.dim(x, 1)
	frames := c.do("Add", c.do("Div", length, c.scalar(8)), c.scalar(1))
	shape := c.with("Concat", []attribute{one("axis", 0)}, c.longs(1), c.reshape(frames, 1), c.longs(2))
	c.out(c.do("Expand", c.ballast(c.floats([]int64{1, 1, 1}, 1), length), shape), "conv", float, 1, dynamic, 2)
	c.save(t, folder, "conv_frontend.onnx")

	e := newGraph()
	conv := e.in("conv", float, 1, dynamic, 2)
	e.in("mask", boolean, 1, dynamic)
	e.out(conv, "audio_features", float, 1, dynamic, 2)
	e.meta("hidden_size", "2")
	e.save(t, folder, "encoder.int8.onnx")

	d := newGraph()
	ids := d.in("input_ids", long, 1, dynamic)
	d.in("audio_features", float, 1, dynamic, 2)
	d.in("attention_mask", long, 1, dynamic)
	d.in("cache_position", long, dynamic)
	d.in("past_key_0", float, 1, 1024, 1, 2)
	d.in("past_value_0", float, 1, 1024, 1, 2)
	flat := d.reshape(ids, -1)
	count := d.do("Size", flat)
	letter := d.do("Add", d.do("Mod", d.with("ReduceSum", []attribute{one("keepdims", 0)}, flat), d.scalar(26)), d.scalar('a'))
	// A prompt is answered with the letter, the letter with the end.
	asked := d.cast(d.do("Min", d.do("Sub", count, d.scalar(1)), d.scalar(1)), long)
	id := d.do("Add", d.do("Mul", letter, asked), d.do("Mul", d.scalar(end), d.do("Sub", d.scalar(1), asked)))
	all := d.with("Concat", []attribute{one("axis", 0)}, d.longs(1), d.reshape(count, 1), d.longs(words))
	d.out(d.do("Expand", d.reshape(d.oneHot(d.reshape(id, 1), words), 1, 1, words), all), "logits", float, 1, dynamic, words)
	delta := d.with("Concat", []attribute{one("axis", 0)}, d.longs(1), d.reshape(count, 1), d.longs(1, 2))
	kv := d.do("Expand", d.floats([]int64{1, 1, 1, 1}, 0), delta)
	d.out(kv, "key_delta_0", float, 1, dynamic, 1, 2)
	d.out(kv, "value_delta_0", float, 1, dynamic, 1, 2)
	d.meta("vocab_size", fmt.Sprint(words), "num_layers", "1", "max_total_len", "1024", "model_type", "qwen3-asr-kv_delta")
	d.save(t, folder, "decoder.int8.onnx")
}

// byteToken returns the character that stands for a byte in the vocabulary of GPT-2
// (bytes_to_unicode in github.com/openai/gpt-2, src/encoder.py).
func byteToken(b int) string {
	printable := func(b int) bool { return '!' <= b && b <= '~' || 0xa1 <= b && b <= 0xac || 0xae <= b }
	if printable(b) {
		return string(rune(b))
	}
	n := 0
	for i := range b {
		if !printable(i) {
			n++
		}
	}
	return string(rune(256 + n))
}

func writeJSON(t testing.TB, folder, name string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, name, string(b))
}
