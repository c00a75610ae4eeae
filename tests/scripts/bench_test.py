"""scripts/bench refuses a name that is no figure before it builds anything, and lists the names there are."""
import pathlib
import subprocess
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "scripts/bench"


class Bench(unittest.TestCase):
    def test_unknown_name(self):
        done = subprocess.run([BENCH, "actor.pingpong.1", "actor.pong"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertIn('no figure is called "actor.pong"', done.stderr)
        for name in ("actor.pingpong.1", "actor.tell.1to1", "remote.tell.100", "remote.ask.median", "python.tell", "java.tell", "go.tell"):
            self.assertIn(name, done.stderr)

    def test_help_shows_the_form_of_a_line(self):
        done = subprocess.run([BENCH, "--help"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertIn("figure <name> <value> <unit> [ratio <r> of <yardstick>]", done.stdout)


if __name__ == "__main__":
    unittest.main()
