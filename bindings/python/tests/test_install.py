"""pip install bindings/python, against an installed libmotet, gives a package that works without any path set."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]


def run(*command: object, **variables: object) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment.update({key: str(value) for key, value in variables.items()})
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pip_install(tmp_path):
    build = Path(os.environ["MOTET_TEST_BUILD"])
    prefix, source, site = tmp_path / "prefix", tmp_path / "source", tmp_path / "site"
    run("cmake", "--install", build, "--prefix", prefix, "--component", "motet")
    # A copy, because pip leaves its build folders in the sources.
    ignore = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
    shutil.copytree(SOURCE / "bindings" / "python", source / "bindings" / "python", ignore=ignore)
    shutil.copytree(SOURCE / "swig", source / "swig")
    packages = next(prefix.rglob("motet.pc")).parent
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation", "--target", site]
    run(*pip, source / "bindings" / "python", PKG_CONFIG_PATH=packages, PIP_DISABLE_PIP_VERSION_CHECK=1)
    program = "import motet; print(motet.__version__, motet.__file__); print(motet.Code.TIMEOUT.name)"
    version, *_ = run(sys.executable, "-c", program, PYTHONPATH=site).split()
    assert version == "0.1.0"
    assert (site / "motet" / "py.typed").exists()
