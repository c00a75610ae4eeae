"""The program behind scripts/sim: what it prints, and its exit codes.

  program_test.py PROGRAM
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest


class Program(unittest.TestCase):
    def run_program(self, code, *arguments):
        done = subprocess.run([sys.program, *arguments], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def plan(self, text):
        scratch = tempfile.TemporaryDirectory(prefix="motet-sim-")
        self.addCleanup(scratch.cleanup)
        file = pathlib.Path(scratch.name) / "some.plan"
        file.write_text(text)
        return str(file)

    def test_plans_of_fifty_nodes(self):
        output = self.run_program(0, "--plans", "10", "--nodes", "50", "--coverage")
        self.assertIn("plans 10, node-hours", output)
        self.assertIn("plans with a violation: 0", output)
        self.assertRegex(output, "(?m)^ +deafen +[0-9]")

    def test_a_plan_that_is_shown_can_be_run(self):
        plan = self.run_program(0, "--show", "12", "--nodes", "4-6")
        self.assertIn("seed 12\n", plan)
        self.assertIn("plans 1, node-hours", self.run_program(0, "--plan", self.plan(plan)))

    def test_of_a_failure_the_shortest_plan_is_printed(self):
        # No cluster agrees at once after a crash.
        text = "nodes 4\nheal 20s\ndeadline 0s\nat 0s start nodes=0-3\nat 3s pause nodes=1 for=100ms\nat 19s crash nodes=2\n"
        output = self.run_program(1, "--plan", self.plan(text))
        self.assertIn("plans with a violation: 1", output)
        self.assertIn("in the end all agree", output)
        self.assertNotIn("pause", output)

    def test_what_is_wrong_is_named(self):
        self.assertIn('there is no option "--plan-all"', self.run_program(2, "--plan-all"))
        self.assertIn("--nodes takes a number from 2 to 5000, not 1", self.run_program(2, "--nodes", "1"))
        self.assertIn("--plans takes a value", self.run_program(2, "--plans"))
        self.assertIn("cannot read /nowhere", self.run_program(2, "--plan", "/nowhere"))
        self.assertIn("line 1 of the plan", self.run_program(2, "--plan", self.plan("nodes many\n")))


if __name__ == "__main__":
    sys.program = sys.argv.pop(1)
    unittest.main()
