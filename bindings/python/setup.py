"""Builds the native module against an installed libmotet; SWIG's wrapper goes to the build folder."""

import shlex
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SWIG_FOLDER = Path(__file__).resolve().parent.parent.parent / "swig"


def pkg_config(*options: str) -> list[str]:
    return shlex.split(subprocess.check_output(["pkg-config", *options, "motet"], text=True))


class BuildWithSwig(build_ext):
    def build_extension(self, ext: Extension) -> None:
        folder = Path(self.build_temp).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        wrapper = str(folder / "motet_python_wrap.cpp")
        include = [f"-I{path}" for path in pkg_config("--variable=includedir")]
        swig = ["swig", "-python", "-c++", "-threads", f"-I{SWIG_FOLDER}", *include, "-outdir", str(folder)]
        subprocess.run([*swig, "-o", wrapper, str(SWIG_FOLDER / "motet_python.i")], check=True)
        ext.sources = [wrapper]
        ext.extra_compile_args = ["-std=c++20", *include]
        ext.extra_link_args = pkg_config("--libs")
        ext.runtime_library_dirs = pkg_config("--variable=libdir")
        super().build_extension(ext)


setup(ext_modules=[Extension("motet._native", ["motet_python_wrap.cpp"])], cmdclass={"build_ext": BuildWithSwig})
