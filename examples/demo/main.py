"""The demo: one cluster of C, C++, Python, Java and Go, at work through the loss of a member.

  main.py --build FOLDER [--text FILE] [--rate JOBS_A_SECOND] [--window JOBS] [--kill BACKEND] [--logs FOLDER]
"""
import argparse
import pathlib
import shutil
import sys

from process import Failed
from programs import ROOT, BuildFailed, prepare
from scenario import Scenario, read_lines
from verdict import failures, report


def positive(text):
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def text_file(text):
    try:
        lines = read_lines(text)
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None
    if len(lines) < 100:
        raise argparse.ArgumentTypeError(f"{text!r} has {len(lines)} lines; 100 or more are needed to kill somebody half-way")
    return pathlib.Path(text)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, required=True, help="where the library was built")
    parser.add_argument("--text", type=text_file, default=ROOT / "examples/data/new-testament-es-1909.txt",
                        help="the text, a job for each line (default: %(default)s)")
    parser.add_argument("--rate", type=positive, default=500, help="jobs a second that come in (default: %(default)s)")
    parser.add_argument("--window", type=positive, default=32, help="most unfinished jobs of one backend (default: %(default)s)")
    parser.add_argument("--kill", choices=("cpp", "python", "java", "go"), default="go",
                        help="which backend is killed half-way (default: %(default)s)")
    parser.add_argument("--logs", type=pathlib.Path, help="where logs, events, results and traces are written (default: BUILD/demo/run)")
    return parser.parse_args()


def main():
    chosen = arguments()
    folder = chosen.logs or chosen.build / "demo/run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        programs = prepare(chosen.build.resolve())
        print(f"A seed and a frontend in C, backends in C++, Python, Java and Go; the {chosen.kill} backend is killed half-way.")
        print(f"Everything they write is in {folder}.\n", flush=True)
        outcome = Scenario(programs, chosen.text, chosen.rate, chosen.window, chosen.kill, folder).run()
    except (Failed, BuildFailed) as error:
        sys.exit(f"FAILED: {error}")
    print("\n".join(report(outcome)))
    wrong = failures(outcome)
    for text in wrong[:20]:
        print(f"FAILED: {text}")
    if wrong:
        sys.exit(f"{len(wrong)} things did not hold.")
    print(f"All held: every line once and right, the death noticed and repaired, the trace whole. {outcome.seconds:.1f} s.")


if __name__ == "__main__":
    main()
