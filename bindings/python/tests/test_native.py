"""The native module offers exactly what its stub says."""

import ast
from pathlib import Path

import motet
from motet import _native


def test_the_stub_names_everything_and_nothing_else():
    stub = ast.parse((Path(motet.__file__).parent / "_native.pyi").read_text())
    functions = {node.name for node in stub.body if isinstance(node, ast.FunctionDef)}
    constants = {node.target.id for node in stub.body if isinstance(node, ast.AnnAssign) and node.value is None}
    offered = {name for name in dir(_native) if not name.startswith(("_", "SWIG"))}
    assert functions | constants == offered
    assert {name for name in offered if callable(getattr(_native, name))} == functions


def test_the_codes_are_those_of_the_header():
    for code in motet.Code:
        name = "OK" if code == 0 else f"E_{code.name}"
        assert getattr(_native, name) == code and _native.code_name(code) == code.name
