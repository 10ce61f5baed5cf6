// Package onnxtest makes small networks for tests: files with the inputs, outputs and
// metadata of a kind of model, whose answers are known.
package onnxtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The types of elements of tensors (onnx.proto, TensorProto.DataType).
const (
	float   = 1
	integer = 6 // 32 bits
	long    = 7
	boolean = 9
)

// dynamic is a dimension that is known when the network runs.
const dynamic = -1

// message is an encoded message of protocol buffers.
type message []byte

func (m *message) number(field, n uint64) {
	*m = binary.AppendUvarint(binary.AppendUvarint(*m, field<<3), n)
}

func (m *message) bytes(field uint64, b []byte) {
	*m = binary.AppendUvarint(binary.AppendUvarint(*m, field<<3|2), uint64(len(b)))
	*m = append(*m, b...)
}

func (m *message) text(field uint64, s string) { m.bytes(field, []byte(s)) }

// A graph is a network. The numbers of fields are those of onnx.proto.
type graph struct {
	message  // GraphProto
	about    message
	names    int
	elements map[string]uint64 // of inputs, by name
}

func newGraph() *graph {
	g := &graph{elements: map[string]uint64{}}
	g.text(2, "g")
	return g
}

// value declares an input or output.
func (g *graph) value(field uint64, name string, element uint64, dims []int64) {
	var shape, tensor, typ, v message
	for i, d := range dims {
		var dim message
		if d == dynamic {
			dim.text(2, fmt.Sprintf("%s%d", name, i))
		} else {
			dim.number(1, uint64(d))
		}
		shape.bytes(1, dim)
	}
	tensor.number(1, element)
	tensor.bytes(2, shape)
	typ.bytes(1, tensor)
	v.text(1, name)
	v.bytes(2, typ)
	g.bytes(field, v)
}

func (g *graph) in(name string, element uint64, dims ...int64) string {
	g.value(11, name, element, dims)
	return name
}

// out makes a value an output of this name.
func (g *graph) out(from, name string, element uint64, dims ...int64) {
	g.node("Identity", []string{from}, []string{name})
	g.value(12, name, element, dims)
}

// constant adds a tensor and returns its name.
func (g *graph) constant(element uint64, raw []byte, dims []int64) string {
	var t message
	for _, d := range dims {
		t.number(1, uint64(d))
	}
	t.number(2, element)
	name := g.name()
	t.text(8, name)
	t.bytes(9, raw)
	g.bytes(5, t)
	return name
}

// longs adds a vector.
func (g *graph) longs(all ...int64) string {
	return g.longsOf([]int64{int64(len(all))}, all)
}

// scalar adds a number without dimensions.
func (g *graph) scalar(n int64) string { return g.longsOf(nil, []int64{n}) }

func (g *graph) longsOf(dims, all []int64) string {
	var raw []byte
	for _, n := range all {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(n))
	}
	return g.constant(long, raw, dims)
}

func (g *graph) floats(dims []int64, all ...float32) string {
	var raw []byte
	for _, f := range all {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(f))
	}
	return g.constant(float, raw, dims)
}

func (g *graph) name() string {
	g.names++
	return fmt.Sprintf("v%d", g.names)
}

// An attribute is a whole number or several of an operator.
type attribute struct {
	name string
	n    []int64
	list bool
}

func one(name string, n int64) attribute     { return attribute{name, []int64{n}, false} }
func list(name string, n ...int64) attribute { return attribute{name, n, true} }

// do adds an operator and returns the name of its result.
func (g *graph) do(operator string, inputs ...string) string {
	return g.with(operator, nil, inputs...)
}

func (g *graph) with(operator string, attributes []attribute, inputs ...string) string {
	name := g.name()
	g.node(operator, inputs, []string{name}, attributes...)
	return name
}

func (g *graph) node(operator string, inputs, outputs []string, attributes ...attribute) {
	var n message
	for _, in := range inputs {
		n.text(1, in)
	}
	for _, out := range outputs {
		n.text(2, out)
	}
	n.text(3, g.name())
	n.text(4, operator)
	for _, a := range attributes {
		var m message
		m.text(1, a.name)
		for _, v := range a.n {
			if a.list {
				m.number(8, uint64(v))
			} else {
				m.number(3, uint64(v))
			}
		}
		kind := uint64(2) // INT
		if a.list {
			kind = 7 // INTS
		}
		m.number(20, kind)
		n.bytes(5, m)
	}
	g.bytes(1, n)
}

// dim returns a dimension of a tensor, as a number without dimensions.
func (g *graph) dim(tensor string, i int64) string {
	return g.do("Gather", g.do("Shape", tensor), g.scalar(i))
}

// oneHot returns a vector of n numbers that are 0 but for a high one at id.
func (g *graph) oneHot(id string, n int64) string {
	return g.do("OneHot", id, g.scalar(n), g.floats([]int64{2}, 0, 10))
}

func (g *graph) reshape(tensor string, dims ...int64) string {
	return g.do("Reshape", tensor, g.longs(dims...))
}

func (g *graph) cast(tensor string, element int64) string {
	return g.with("Cast", []attribute{one("to", element)}, tensor)
}

// meta adds metadata, as alternating keys and values.
func (g *graph) meta(about ...string) {
	for i := 0; i < len(about); i += 2 {
		var e message
		e.text(1, about[i])
		e.text(2, about[i+1])
		g.about.bytes(14, e)
	}
}

// Ballast is how many bytes of weights each model has besides, so that a leak shows.
const Ballast = 4 << 20

// ballast adds weights to the network that it needs for the tensor, which it returns
// unchanged. n is a number below the size of the ballast.
func (g *graph) ballast(tensor, n string) string {
	weights := make([]float32, Ballast/4)
	for i := range weights {
		weights[i] = float32(i%251) / 251
	}
	w := g.do("Gather", g.floats([]int64{Ballast / 4}, weights...), n)
	return g.do("Add", tensor, g.do("Mul", w, g.floats(nil, 0)))
}

// save writes the network into a folder.
func (g *graph) save(t testing.TB, folder, name string) {
	t.Helper()
	var opset, m message
	opset.text(1, "")
	opset.number(2, 17)
	m.number(1, 8) // the version of the format
	m.bytes(7, g.message)
	m.bytes(8, opset)
	write(t, folder, name, string(append(m, g.about...)))
}

func write(t testing.TB, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tokens writes a vocabulary.
func tokens(t testing.TB, folder string, all []string) {
	t.Helper()
	text := ""
	for i, w := range all {
		text += fmt.Sprintf("%s %d\n", w, i)
	}
	write(t, folder, "tokens.txt", text)
}
