"""The native module offers exactly what its stub says."""

import ast
import importlib
import sys
from pathlib import Path

import pytest

import motet
from motet import _native


def test_the_stub_names_everything_and_nothing_else():
    stub = ast.parse((Path(motet.__file__).parent / "_native.pyi").read_text())
    functions = {node.name for node in stub.body if isinstance(node, ast.FunctionDef)}
    constants = {node.target.id for node in stub.body if isinstance(node, ast.AnnAssign) and node.value is None}
    offered = {name for name in dir(_native) if not name.startswith(("_", "SWIG"))}
    assert functions | constants == offered
    assert {name for name in offered if callable(getattr(_native, name))} == functions


def test_a_second_interpreter_is_refused():
    interpreters = importlib.import_module("_xxsubinterpreters")  # its name up to Python 3.12
    second = interpreters.create()
    try:
        with pytest.raises(interpreters.RunFailedError, match="another interpreter"):
            interpreters.run_string(second, f"import sys\nsys.path[:] = {sys.path!r}\nimport motet\n")
    finally:
        interpreters.destroy(second)
    with pytest.raises(motet.InvalidError, match="no.such.key"):
        motet.System({"no.such.key": 1})


def test_the_codes_are_those_of_the_header():
    for code in motet.Code:
        name = "OK" if code == 0 else f"E_{code.name}"
        assert getattr(_native, name) == code and _native.code_name(code) == code.name
