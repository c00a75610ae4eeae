"""The programs of README.md, docs/testkit.md and docs/routers.md: taken out, built as programs from outside would be, and run.

  readme_test.py BUILD_FOLDER
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples/demo"))

from programs import msgpack_package  # noqa: E402

STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror"]


def run(command, folder, environment):
    done = subprocess.run([str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


# Spawns an ordinary actor where the configuration has a pool, and prints how many routees there are.
CONFIGURED_POOL = """
import asyncio
import motet

async def main():
    async with motet.System({"remote.enabled": False}, file="motet.toml") as system:
        workers = system.spawn(lambda context, message: None, "workers")
        print(len((await workers.ask(motet.GetRoutees())).routees))

asyncio.run(main())
"""


class Readme(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="motet-readme-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": f"{sys.build}/pkgconfig",
            "LD_LIBRARY_PATH": f"{sys.build}/capi",
            "CGO_LDFLAGS": f"-g -O2 -Wl,-rpath,{sys.build}/capi",  # tells Go's cache of one build tree from another
            "PYTHONPATH": f"{sys.build}/python",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def take(self, language, name, page="README.md", which=0, of=1):
        """Writes a program of a page in this language to a file of this name; gives what the page says it prints."""
        programs = re.findall(rf"^```{language}\n(.*?)^```(?:\n\nIt prints\n\n```text\n(.*?)^```)?", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
        self.assertEqual(len(programs), of, f"{page} has {len(programs)} programs in {language}")
        program, output = programs[which]
        (self.folder / name).write_text(program)
        return output

    def run_program(self, *command):
        return run(command, self.folder, self.environment)

    def pkg_config(self, *packages):
        return self.run_program("pkg-config", "--cflags", "--libs", *packages).split()

    def test_c(self):
        self.take("c", "hello.c")
        self.run_program("cc", "-std=c99", *STRICT, "hello.c", "-o", "hello", *self.pkg_config("motet", msgpack_package()))
        self.assertEqual(self.run_program("./hello"), "Hello, world!\n")

    def test_cpp(self):
        self.take("cpp", "hello.cpp")
        self.run_program("c++", "-std=c++20", *STRICT, "hello.cpp", "-o", "hello", *self.pkg_config("motet"))
        self.assertEqual(self.run_program("./hello"), "Hello, world!\n")

    def test_testkit_in_c(self):
        output = self.take("c", "test.c", "docs/testkit.md")
        self.run_program("cc", "-std=c99", *STRICT, "test.c", "-o", "test", *self.pkg_config("motet"))
        self.assertEqual(self.run_program("./test"), output)

    def test_testkit_in_cpp(self):
        for which in range(2):
            output = self.take("cpp", "test.cpp", "docs/testkit.md", which, of=2)
            self.run_program("c++", "-std=c++20", *STRICT, "test.cpp", "-o", "test", *self.pkg_config("motet"))
            self.assertEqual(self.run_program("./test"), output)

    def test_python(self):
        self.take("python", "hello.py")
        self.assertEqual(self.run_program("/usr/bin/python3", "-W", "error", "hello.py"), "Hello, world!\n")

    def run_java(self, name):
        self.run_program("javac", "-encoding", "UTF-8", "--release", "17", "-Xlint:all", "-Werror", "-cp", f"{sys.build}/java/lib/*", f"{name}.java")
        return self.run_program("java", "-cp", f"{sys.build}/java/lib/*:.", name)

    def run_go(self):
        self.run_program("/usr/bin/go", "mod", "init", "hello")
        self.run_program("/usr/bin/go", "mod", "edit", "-require=motet@v0.1.0", f"-replace=motet={ROOT}/bindings/go")
        self.run_program("/usr/bin/go", "mod", "tidy")
        return self.run_program("/usr/bin/go", "run", ".")

    def test_java(self):
        self.take("java", "Hello.java")
        self.assertEqual(self.run_java("Hello"), "Hello, world!\n")

    def test_go(self):
        self.take("go", "hello.go")
        self.assertEqual(self.run_go(), "Hello, world!\n")

    def test_routers_in_python(self):
        output = self.take("python", "shop.py", "docs/routers.md")
        self.assertEqual(self.run_program("/usr/bin/python3", "-W", "error", "shop.py"), output)

    def test_routers_by_configuration(self):
        self.take("toml", "motet.toml", "docs/routers.md")
        (self.folder / "shop.py").write_text(CONFIGURED_POOL)
        self.assertEqual(self.run_program("/usr/bin/python3", "-W", "error", "shop.py"), "5\n")

    def test_routers_in_java(self):
        output = self.take("java", "Shop.java", "docs/routers.md")
        self.assertEqual(self.run_java("Shop"), output)

    def test_routers_in_go(self):
        output = self.take("go", "shop.go", "docs/routers.md")
        self.assertEqual(self.run_go(), output)


if __name__ == "__main__":
    sys.build = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
