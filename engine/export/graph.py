"""Graphs of ONNX operators, with matrix products in int8."""
import numpy as np
import onnx
from onnx import helper, numpy_helper

OPSET, IR = 17, 8  # ONNX Runtime 1.14 and later read them

# The largest weight in int8. With 127 the products of AVX2 overflow: VPMADDUBSW adds two products of an unsigned and a signed byte in
# 16 bits, and 2 * 255 * 64 is what fits.
LARGEST = 64

TINY = np.float32(1e-6)  # instead of zero, by which nothing is divided


def quantize(weights):
    """Returns weights as int8 with one scale a row, so that weights are about rows * scales. Both are the same on all machines."""
    scales = np.abs(weights).max(axis=1, keepdims=True) / np.float32(LARGEST)
    scales[scales == 0] = 1
    return np.rint(weights / scales).astype(np.int8), scales.astype(np.float32)


class Graph:
    """Operators and constants, added one after the other. A value is its name."""

    def __init__(self, by_row):
        """by_row says that each row of what is multiplied has a scale of its own, which is worth its time where there are many."""
        self.nodes, self.constants, self.quantized, self.by_row = [], {}, {}, by_row

    def add(self, operator, *inputs, outputs=1, **attributes):
        """Adds an operator and returns its outputs. An input is a value or an array."""
        names = [f"{operator}_{len(self.nodes)}_{i}" for i in range(outputs)]
        inputs = [x if isinstance(x, str) else self.constant(x) for x in inputs]
        self.nodes.append(helper.make_node(operator, inputs, names, name=names[0], **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, array, name=None):
        """Adds a constant and returns its name. A name that is there already is that constant."""
        name = name or f"constant_{len(self.constants)}"
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(array, order="C"), name)
        return name

    def activations(self, x):
        """Returns x as uint8, its scale, its zero point and what each row is to be multiplied by, found when it is computed."""
        if x not in self.quantized:
            rows, factor = x, None
            if self.by_row:
                factor = self.add("Max", self.add("ReduceMax", self.add("Abs", x), axes=[-1], keepdims=1), TINY)
                rows = self.add("Div", x, factor)
            self.quantized[x] = (*self.add("DynamicQuantizeLinear", rows, outputs=3), factor)
        return self.quantized[x]

    def product(self, x, matrix, scales):
        """Returns x * matrix, where matrix is a constant of int8 with a scale for each column: the operators that ONNX Runtime fuses."""
        q, scale, zero, factor = self.activations(x)
        whole = self.add("Cast", self.add("MatMulInteger", q, matrix, zero), to=onnx.TensorProto.FLOAT)
        y = self.add("Mul", whole, self.add("Mul", scale, scales))
        return y if factor is None else self.add("Mul", y, factor)

    def linear(self, x, name, weights, bias):
        """Returns x * weights' + bias with weights in int8. bias may be None."""
        rows, scales = quantize(weights)
        y = self.product(x, self.constant(rows.T, name + ".weight"), self.constant(scales.reshape(-1), name + ".scale"))
        return y if bias is None else self.add("Add", y, self.constant(bias, name + ".bias"))

    def size(self, x, axis):
        """Returns the size of x along an axis, as a vector of one."""
        return self.add("Gather", self.add("Shape", x), np.array([axis]))

    def model(self, name, inputs, outputs, metadata):
        """Returns the graph as a checked model. inputs and outputs are lists of name, type and shape; outputs are by value."""
        for value, (output, *_) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [value], [output], name=output))
        described = [[helper.make_tensor_value_info(*row) for row in rows] for rows in (inputs, outputs.values())]
        graph = helper.make_graph(self.nodes, name, *described, list(self.constants.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="vocoder")
        helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
        onnx.checker.check_model(model, full_check=True)
        return model
