"""Errors as onnxruntime raised them, and what the user reads."""

from __future__ import annotations

import pytest

from softlight.runtime.failures import is_out_of_memory, reason

DML_SOURCE = r"E:\_work\1\s\onnxruntime\core\providers\dml"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "ran out of memory"),
        (RuntimeError("BucketizedBufferAllocator.cpp(122) 8007000E Not enough memory"), "ran out of memory"),
        (RuntimeError("CUDNN_STATUS_ALLOC_FAILED"), "ran out of memory"),
        (
            RuntimeError("x Exception(2) tid(1f) 887A0005 gone"),
            "lost its graphics device (the driver was reset)",
        ),
        (
            # under wine 8, word for word
            RuntimeError(
                DML_SOURCE
                + r"\dml_provider_factory.cc(510)\onnxruntime_pybind11_state.pyd!00000000019C974D: "
                "(caller: 00000000019C9530) Exception(1) tid(24) 887A0004 "
            ),
            "finds no graphics device with DirectX 12",
        ),
        (
            RuntimeError(
                DML_SOURCE + r"\MLOperatorAuthorImpl.cpp(2816)\onnxruntime_pybind11_state.pyd!0000: "
                "(caller: 0000) Exception(3) tid(54e8) 80070057 The parameter is incorrect.\r\n"
            ),
            "failed (80070057 The parameter is incorrect)",
        ),
        (
            RuntimeError("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : No graph was found in the protobuf."),
            "failed (No graph was found in the protobuf)",
        ),
        (ValueError(""), "failed (ValueError)"),
    ],
)
def test_reason(error: Exception, words: str) -> None:
    assert reason(error) == words


def test_a_long_message_is_cut() -> None:
    text = reason(RuntimeError("many words " * 100))
    assert len(text) < 180 and text.endswith(" …)")


def test_error_2_is_memory_but_error_209_is_not() -> None:
    assert is_out_of_memory(RuntimeError("CUDA failure 2: out"))
    assert not is_out_of_memory(RuntimeError("CUDA failure 209: no kernel image is available"))
