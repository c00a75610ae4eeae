"""scripts/bench refuses a name that is no figure before it builds anything, and lists the names there are; what
docs/performance.md says is said of these names."""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "scripts/bench"
PAGE = ROOT / "docs/performance.md"


def bench(*arguments):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True)


class Bench(unittest.TestCase):
    def test_unknown_name(self):
        done = bench("actor.pingpong.1", "actor.pong")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertIn('no figure is called "actor.pong"', done.stderr)
        for name in ("actor.pingpong.1", "actor.tell.1to1", "remote.tell.100", "remote.ask.median", "python.tell", "java.tell", "go.tell"):
            self.assertIn(name, done.stderr)

    def test_help_shows_the_form_of_a_line(self):
        done = bench("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("figure <name> <value> <unit> [ratio <r> of <yardstick>]", done.stdout)

    def test_the_page_describes_the_figures_that_there_are(self):
        figures = set(bench("?").stderr.strip().partition("there are: ")[2].split(", "))
        described = set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(), re.MULTILINE))
        self.assertEqual(described - figures, set(), "described, but no figure")
        engine = {figure for figure in figures if figure.startswith(("actor.", "savina.", "remote."))}
        self.assertEqual(engine - described, set(), "not described")


if __name__ == "__main__":
    unittest.main()
