"""The demo's scenario with another text, and with another backend killed.

  demo_test.py BUILD_FOLDER
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Demo(unittest.TestCase):
    def test_the_work_is_done_though_a_backend_is_killed(self):
        with tempfile.TemporaryDirectory(prefix="motet-demo-") as logs:
            text = ROOT / "examples/data/human-rights-7-languages.txt"
            run = subprocess.run(
                [sys.executable, ROOT / "examples/demo/main.py", "--build", sys.build, "--text", text, "--rate", "80",
                 "--window", "8", "--kill", "java", "--logs", logs],
                capture_output=True,
                text=True,
            )
            print(run.stdout)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertIn("All held", run.stdout)


if __name__ == "__main__":
    sys.build = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
