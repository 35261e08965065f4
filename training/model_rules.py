"""What a model file must be for every runtime that Softlight supports, checked without running it.

The limits are DirectML's, the narrowest of all: onnxruntime-directml 1.24.4 is its last release, reads
ONNX up to opset 20 and refuses a MatMul of five dimensions.
"""

from __future__ import annotations

import onnx
from onnx import numpy_helper, shape_inference

from softlight_models.contracts import Contract, Tensor

MAX_BYTES = 8_000_000
"""The default models travel inside the package."""
MAX_IR_VERSION = 10
OPSETS = range(13, 21)
MAX_MATMUL_RANK = 4

# ConvTranspose is left out on purpose: DirectML has refused it with 80070057 where CPU and CUDA run it
# (echogarden#94); Resize and Conv do the same work. So are the operators with control flow and those of
# onnxruntime's own domains.
# fmt: off
OPERATORS = frozenset([
    "Abs", "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "Constant",
    "ConstantOfShape", "Conv", "DepthToSpace", "Div", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten",
    "Floor", "Gather", "Gemm", "GlobalAveragePool", "Greater", "HardSigmoid", "HardSwish", "Identity",
    "InstanceNormalization", "LayerNormalization", "LeakyRelu", "Less", "Log", "MatMul", "Max",
    "MaxPool", "Mean", "Min", "Mul", "Neg", "PRelu", "Pad", "Pow", "ReduceMax", "ReduceMean",
    "ReduceSum", "Relu", "Reshape", "Resize", "Shape", "Sigmoid", "Slice", "Softmax", "Softplus",
    "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub", "Tanh", "Transpose", "Unsqueeze", "Where",
])
# fmt: on


def violations(content: bytes, contract: Contract) -> list[str]:
    """Return every rule that a model file breaks, one sentence each; empty if it may be released.

    Parameters
    ----------
    content : bytes
        The ONNX file.
    contract : Contract
        What the model says it fulfils.
    """
    try:
        model = onnx.load_model_from_string(content)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf and the checker raise several unrelated types
        return [f"It is not a valid ONNX file: {error}"]
    return [
        *_format(content, model),
        *_operators(model),
        *_matrix_products(model),
        *_constants(model),
        *_tensors("input", model.graph.input, contract.network().inputs),
        *_tensors("output", model.graph.output, contract.network().outputs),
    ]


def _format(content: bytes, model: onnx.ModelProto) -> list[str]:
    found = []
    if len(content) > MAX_BYTES:
        found.append(f"It has {len(content)} bytes; {MAX_BYTES} are allowed.")
    if model.ir_version > MAX_IR_VERSION:
        found.append(f"Its IR version is {model.ir_version}; at most {MAX_IR_VERSION} is allowed.")
    for imported in model.opset_import:
        if imported.domain not in ("", "ai.onnx"):
            found.append(f"It uses the operator domain {imported.domain}; only ONNX's own is allowed.")
        elif imported.version not in OPSETS:
            found.append(f"Its opset is {imported.version}; {OPSETS[0]} to {OPSETS[-1]} are allowed.")
    return found


def _operators(model: onnx.ModelProto) -> list[str]:
    foreign = sorted({node.op_type for node in model.graph.node} - OPERATORS)
    found = [f"It uses the operator {name}, which is not on the list." for name in foreign]
    if model.functions:
        found.append("It holds local functions; they must be inlined.")
    return found


def _matrix_products(model: onnx.ModelProto) -> list[str]:
    inferred = shape_inference.infer_shapes(model).graph
    ranks = {
        value.name: len(value.type.tensor_type.shape.dim)
        for value in (*inferred.value_info, *inferred.input, *inferred.output)
        if value.type.tensor_type.HasField("shape")
    }
    ranks.update({constant.name: len(constant.dims) for constant in inferred.initializer})
    found = []
    for node in inferred.node:
        if node.op_type != "MatMul":
            continue
        for name in node.input:
            rank = ranks.get(name)
            if rank is None:
                found.append(f"The rank of {name}, an input of the MatMul {node.name}, cannot be told.")
            elif rank > MAX_MATMUL_RANK:
                found.append(
                    f"The MatMul {node.name} has an input of {rank} dimensions; DirectML takes four."
                )
    return found


def _constants(model: onnx.ModelProto) -> list[str]:
    found = []
    for constant in model.graph.initializer:
        if constant.data_location == onnx.TensorProto.EXTERNAL:
            found.append(f"The weights {constant.name} lie in another file.")
        elif constant.data_type in (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16):
            values = numpy_helper.to_array(constant)
            if not (abs(values) < float("inf")).all():
                found.append(f"The weights {constant.name} hold NaN or infinity.")
    return found


def _tensors(kind: str, values: object, promised: tuple[Tensor, ...]) -> list[str]:
    found = []
    shapes = {value.name: value.type.tensor_type for value in values}  # type: ignore[attr-defined]
    if sorted(shapes) != sorted(tensor.name for tensor in promised):
        names = ", ".join(tensor.name for tensor in promised)
        return [f"Its {kind}s are {', '.join(shapes)}; the contract names {names}."]
    for tensor in promised:
        dims = shapes[tensor.name].shape.dim
        wanted = list(tensor.shape)
        actual = [dim.dim_param or dim.dim_value for dim in dims]
        if actual != wanted:
            found.append(f"The {kind} {tensor.name} has the dimensions {actual}; {wanted} are due.")
        if shapes[tensor.name].elem_type != onnx.TensorProto.FLOAT:
            found.append(f"The {kind} {tensor.name} is not float32.")
    return found
