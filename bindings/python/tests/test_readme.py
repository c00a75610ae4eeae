"""Every program in README.md runs and prints what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = (Path(__file__).resolve().parents[1] / "README.md").read_text()
PAIRS = re.findall(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", TEXT, re.DOTALL)


def test_every_program_says_what_it_prints():
    assert len(PAIRS) == TEXT.count("```python") == 3


@pytest.mark.parametrize(("program", "printed"), PAIRS, ids=["actor", "script", "cluster"])
def test_program(program, printed):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, printed), done.stderr
