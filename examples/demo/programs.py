"""The programs of the demo: how each is built, as a user would, and how it is started."""
import collections
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# language: as the program itself names it in demo.Register.
Program = collections.namedtuple("Program", "role language command environment")


class BuildFailed(Exception):
    """A command failed; the text has what it printed."""


def run(*command, folder=ROOT, environment=None):
    command = [str(part) for part in command]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def compile_outside(compiler, sources, output, pkg_config_path, packages, libraries=()):
    """Compiles a program as one from outside: with what pkg-config says about the installed tree."""
    newest = max(path.stat().st_mtime for path in [*sources, *sources[0].parent.glob("*.h"), pkg_config_path / "motet.pc"])
    if not output.exists() or output.stat().st_mtime < newest:
        flags = run("pkg-config", "--cflags", "--libs", *packages, environment={"PKG_CONFIG_PATH": str(pkg_config_path)})
        run(*compiler, "-O2", "-Wall", "-Wextra", "-Werror", *sources, "-o", output, *flags.split(), *libraries)


def msgpack_package():
    """msgpack-c for C has another name in newer distributions."""
    return "msgpack-c" if subprocess.run(["pkg-config", "--exists", "msgpack-c"]).returncode == 0 else "msgpack"


def go_environment(build):
    """For Go programs against the build tree. CGO_LDFLAGS tells Go's cache of one build tree from another."""
    return {"PKG_CONFIG_PATH": str(build / "pkgconfig"), "CGO_LDFLAGS": f"-g -O2 -Wl,-rpath,{build}/capi"}


def prepare(build):
    """Installs the build into a prefix of its own, builds the programs against that; gives {name: Program}."""
    folder, prefix = build / "demo", build / "demo/prefix"
    folder.mkdir(exist_ok=True)
    run("cmake", "--install", build, "--prefix", prefix, "--component", "motet")
    pkg_config_path = next(prefix.rglob("motet.pc")).parent
    installed = {"LD_LIBRARY_PATH": str(next(prefix.rglob("libmotet.so")).parent)}

    c, cpp = ROOT / "examples/c", ROOT / "examples/cpp"
    shared = [c / f"{name}.c" for name in ("program", "payload", "membership")]
    frontend = [c / f"{name}.c" for name in ("frontend", "frontend_actor", "pool", "journal")]
    for name, sources in (("seed", [c / "seed.c"]), ("frontend", frontend)):
        compile_outside(["cc", "-std=c99"], [*sources, *shared], folder / name, pkg_config_path, ["motet", msgpack_package()])
    compile_outside(["c++", "-std=c++20"], [cpp / "backend.cpp"], folder / "backend-cpp", pkg_config_path, ["motet"], ["-lunistring"])
    run("/usr/bin/go", "build", "-o", folder / "backend-go", ".", folder=ROOT / "examples/go", environment=go_environment(build))

    python = {"PYTHONPATH": str(build / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    return {
        "seed": Program("seed", "c", [folder / "seed"], installed),
        "frontend": Program("frontend", "c", [folder / "frontend"], installed),
        "cpp": Program("backend", "cpp", [folder / "backend-cpp"], installed),
        "python": Program("backend", "python", ["/usr/bin/python3", ROOT / "examples/python/backend.py"], python),
        "java": Program("backend", "java", [build / "java/bin/backend"], {}),
        "go": Program("backend", "go", [folder / "backend-go"], {}),
    }
