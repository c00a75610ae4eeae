"""scripts/check-floors against planted trees: it must pass what is right and name what is wrong."""
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD = {
    "core/base/clock.h": "#include <cstdint>\n",
    "core/message/envelope.h": '#include "core/base/clock.h"\n#include "core/trace/context.h"\n',
    "core/trace/context.h": '#include "core/base/clock.h"\n',
    "core/trace/export.cpp": '#include <spdlog/spdlog.h>\n#include "core/trace/context.h"\n#include "context.h"\n',
    "capi/src/actor.cpp": '#include "core/message/envelope.h"\n#include <motet/actor.h>\n',
    "capi/include/motet/actor.h": "#include <motet/message.h>\n",
    "bindings/cpp/include/motet/actor.hpp": "#include <motet/actor.h>\n#include <motet/ref.hpp>\n",
    "examples/cpp/backend.cpp": "#include <motet/motet.hpp>\n",
    "tests/unit/base/clock_test.cpp": '#include "core/base/clock.h"\n#include "capi/src/handles.h"\n',
    "tests/capi/life_test.c": "#include <motet/motet.h>\n",
}


def check(files):
    """Runs the script on a tree of these files; gives its exit code and its output."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        table = {"docs/architecture.md": (ROOT / "docs/architecture.md").read_text()}
        for name, text in {**table, **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        run = subprocess.run([ROOT / "scripts/check-floors", root], capture_output=True, text=True)
        return run.returncode, run.stdout


class CheckFloors(unittest.TestCase):
    def test_passes_a_tree_that_only_goes_down(self):
        self.assertEqual(check(GOOD), (0, "floors: 16 includes, all go down\n"))

    def test_passes_this_repository(self):
        run = subprocess.run([ROOT / "scripts/check-floors"], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_names_every_planted_violation(self):
        planted = [
            ("core/base/bad.h", '#include "core/actor/cell.h"\n', "bad.h:1: core/actor/cell.h: goes up from floor 0 to floor 4"),
            ("core/actor/bad.cpp", "\n#include <motet/actor.h>\n", "bad.cpp:2: motet/actor.h: goes up from floor 4 to floor 10"),
            ("core/trace/bad.cpp", '#  include "core/config/settings.h"\n', "goes sideways on floor 1"),
            ("core/remote/bad.cpp", '#include "core/route/router.h"\n', "goes sideways on floor 5"),
            ("capi/src/bad.cpp", "#include <motet/motet.hpp>\n", "goes up from floor 10 to floor 11"),
            ("bindings/cpp/include/motet/bad.hpp", '#include "core/base/clock.h"\n', "may include only <motet/...>"),
            ("bindings/cpp/include/motet/bad.hpp", '#include "capi/src/handles.h"\n', "may include only <motet/...>"),
            ("examples/c/bad.c", '#include "../../core/base/clock.h"\n', "may include only <motet/...>"),
            ("swig/bad.i", '%{\n#include "core/base/clock.h"\n%}\n', "bad.i:2: core/base/clock.h: may include only <motet/...>"),
            ("tests/capi/bad.c", '#include "core/base/clock.h"\n', "this test may include only <motet/...>"),
            ("core/base/bad.h", "#include <spdlog/spdlog.h>\n", "a heavy header belongs in a .cpp file"),
            ("core/attic/bad.h", "#include <cstdint>\n", "core/attic/bad.h: its room is not in the table"),
            ("core/base/bad.cpp", '#include "core/attic/bad.h"\n', "core/attic/bad.h: is in no room of the table"),
        ]
        for name, text, expected in planted:
            with self.subTest(file=name, text=text):
                code, output = check({**GOOD, name: text})
                self.assertEqual(code, 1)
                self.assertIn(expected, output)
                self.assertEqual(len(output.splitlines()), 1, output)

    def test_refuses_a_plan_without_a_table(self):
        code, output = check({**GOOD, "docs/architecture.md": "# Plan\n"})
        self.assertEqual((code, output.startswith("docs/architecture.md: no table of floors")), (1, True))


if __name__ == "__main__":
    unittest.main()
