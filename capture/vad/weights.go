package vad

import (
	_ "embed"
	"encoding/binary"
	"sync"
)

// file has the weights in the order in which weights reads them, as silero.py
// wrote them: little-endian float32.
//
//go:embed silero.f32
var file []byte

// A network has the weights. It does not change after it was read.
type network struct {
	layers               [4]convolution
	fromInput, fromState []float32 // 4 gates (input, forget, value, output) of units, each of units
	bias                 []float32 // 4 gates of units
	out                  []float32 // units
	outBias              float32
}

// weights returns the network. It decodes the file once.
var weights = sync.OnceValue(func() *network {
	rest := file
	take := func(n int) []float32 {
		f := make([]float32, n)
		read, err := binary.Decode(rest, binary.LittleEndian, f)
		if err != nil {
			panic("vad: silero.f32: " + err.Error())
		}
		rest = rest[read:]
		return f
	}
	n := new(network)
	for i, shape := range [...]struct{ in, out, stride int }{{bins, 128, 1}, {128, 64, 2}, {64, 64, 2}, {64, units, 1}} {
		n.layers[i] = convolution{in: shape.in, out: shape.out, stride: shape.stride}
		n.layers[i].weights = turned(take(shape.out*shape.in*kernel), shape.in)
		n.layers[i].bias = take(shape.out)
	}
	n.fromInput, n.fromState, n.bias = take(4*units*units), take(4*units*units), take(4*units)
	n.out, n.outBias = take(units), take(1)[0]
	if len(rest) > 0 {
		panic("vad: silero.f32 is of another network")
	}
	return n
})

// turned puts the weights of one moment next to each other: [in][kernel] becomes
// [kernel][in], for each output.
func turned(w []float32, in int) []float32 {
	out := make([]float32, len(w))
	for i, v := range w {
		o, j, k := i/(in*kernel), i/kernel%in, i%kernel
		out[(o*kernel+k)*in+j] = v
	}
	return out
}

// A convolution over moments, with a moment of zeros before and after, followed by a
// rectifier.
type convolution struct {
	weights, bias   []float32 // out of kernel of in; out
	in, out, stride int
}

// apply reads n moments and returns how many it wrote.
func (c *convolution) apply(out, in []float32, n int) (wrote int) {
	for t := 0; t < n; t += c.stride {
		for o := range c.out {
			y := c.bias[o]
			for k := range kernel {
				if u := t + k - 1; u >= 0 && u < n {
					y += dot(c.weights[(o*kernel+k)*c.in:(o*kernel+k+1)*c.in], in[u*c.in:(u+1)*c.in])
				}
			}
			out[wrote*c.out+o] = max(y, 0)
		}
		wrote++
	}
	return wrote
}
