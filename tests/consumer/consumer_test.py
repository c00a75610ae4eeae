"""What an installed tree gives to programs from outside: through pkg-config, through CMake, and as headers and symbols.

  consumer_test.py BUILD_FOLDER
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
ANSWER = "motet 0.1.0: hello from outside\n"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class InstalledTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="motet-consumer-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        # Installed, then moved: nothing in the tree may remember where it was made.
        run("cmake", "--install", sys.build, "--prefix", cls.scratch / "made", "--component", "motet")
        cls.prefix = (cls.scratch / "made").rename(cls.scratch / "moved")
        cls.library = next(cls.prefix.rglob("libmotet.so"))
        cls.headers = sorted((cls.prefix / "include/motet").glob("*.h"))
        cls.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(next(cls.prefix.rglob("motet.pc")).parent),
            "LD_LIBRARY_PATH": str(cls.library.parent),
        }

    def pkg_config(self):
        return run("pkg-config", "--cflags", "--libs", "motet", env=self.environment).split()

    def preprocessed(self):
        """The declarations of all headers as the compiler sees them, without those of the system."""
        everything = self.scratch / "everything.c"
        everything.write_text("".join(f"#include <motet/{header.name}>\n" for header in self.headers))
        return run("cc", "-std=c99", "-E", "-P", "-I", self.prefix / "include", everything)

    def declared(self):
        """Every function that the headers declare, and those of them that are marked for export."""
        exported = r'__attribute__\(\(visibility\("default"\)\)\)[^;]*?\b(motet_\w+)\('
        text = self.preprocessed()
        return set(re.findall(r"\b(motet_\w+)\(", text)), set(re.findall(exported, text))

    def test_a_c_program_through_pkg_config(self):
        program = self.scratch / "ask"
        run("cc", "-std=c99", *STRICT, HERE / "outside/ask.c", "-o", program, *self.pkg_config())
        self.assertEqual(run(program, env=self.environment), ANSWER)

    def test_a_cpp_program_through_pkg_config(self):
        program = self.scratch / "ask++"
        run("c++", "-std=c++20", *STRICT, HERE / "outside/ask.cpp", "-o", program, *self.pkg_config())
        self.assertEqual(run(program, env=self.environment), ANSWER)

    def test_both_through_the_cmake_package(self):
        build = self.scratch / "cmake"
        run("cmake", "-G", "Ninja", "-S", HERE / "outside", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        for program in ("outside_c", "outside_cpp"):
            self.assertEqual(run(build / program, env=self.environment), ANSWER)

    def test_a_version_that_is_too_new_is_refused(self):
        self.assertNotEqual(subprocess.run(["pkg-config", "--atleast-version=0.2", "motet"], env=self.environment).returncode, 0)

    def test_each_header_compiles_alone(self):
        layer = sorted((self.prefix / "include/motet").glob("*.hpp"))
        self.assertGreater(len(self.headers), 10)
        self.assertGreater(len(layer), 0)
        for compiler, standard, headers in (
            ("cc", "c17", self.headers),  # C99 and C++11 are compiled with every build, see tests/capi
            ("c++", "c++20", [*self.headers, *layer]),
        ):
            for header in headers:
                with self.subTest(header=header.name, standard=standard):
                    source = self.scratch / f"alone.{'c' if compiler == 'cc' else 'cpp'}"
                    source.write_text(f"#include <motet/{header.name}>\n#include <motet/{header.name}>\nextern int alone;\n")
                    run(compiler, f"-std={standard}", *STRICT, "-fsyntax-only", "-I", self.prefix / "include", source)

    def test_exported_symbols_are_the_declared_functions(self):
        declared, marked = self.declared()
        self.assertGreater(len(declared), 90)
        self.assertEqual(declared, marked, "declared without MOTET_API")
        symbols = run("nm", "-D", "--defined-only", self.library).splitlines()
        exported = {line.split()[-1].split("@")[0] for line in symbols if line.split()[-2] != "A"}
        self.assertEqual(exported, declared)


if __name__ == "__main__":
    sys.build = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
