"""What motet-wire prints: wire_test.py <motet-wire>"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VECTORS = json.loads((ROOT / "tests/vectors/wire.json").read_text())
FIRST = {"hello": "HELLO", "welcome": "WELCOME", "reject": "REJECT", "records": "RECORDS"}


def run(*arguments, text=None):
    return subprocess.run([sys.argv[1], *arguments], input=text, capture_output=True, text=True, timeout=60)


def main():
    good = [one for one in VECTORS if "frame" in one["means"]]
    for one in VECTORS:
        printed = run(one["hex"])
        assert printed.returncode == 0, printed.stderr
        first = FIRST[one["means"]["frame"]] if "frame" in one["means"] else ""
        assert printed.stdout.startswith(first), (one["name"], printed.stdout)
        if "problem" in one["means"]:
            assert one["means"]["problem"] in printed.stdout, (one["name"], printed.stdout)
    lines = "".join(one["hex"] + "\n" for one in good)
    assert run(text=lines).stdout == "".join(run(one["hex"]).stdout for one in good)
    with tempfile.NamedTemporaryFile() as capture:
        capture.write(b"noise MOT" + b"more noise".join(bytes.fromhex(one["hex"]) for one in good) + b"MOTT, cut")
        capture.flush()
        printed = run("--capture", capture.name)
        assert printed.returncode == 0 and printed.stdout.count("byte ") == len(good), printed.stdout
    for arguments in (["nonsense"], ["abc"], ["--help"]):
        assert run(*arguments).returncode == 2, arguments
    assert "no/such/file" in run("--capture", "no/such/file").stderr
    print(f"{len(VECTORS)} frames")


if __name__ == "__main__":
    main()
