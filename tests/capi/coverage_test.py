"""Checks that the C tests use every function of the C interface, and that the library exports exactly those."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def declared():
    headers = "\n".join(header.read_text() for header in (ROOT / "capi/include/motet").glob("*.h"))
    return set(re.findall(r"^MOTET_API [^;(]*?\b(motet_\w+)\(", headers, re.MULTILINE))


def used():
    tests = "\n".join(source.read_text() for source in pathlib.Path(__file__).parent.glob("*.c"))
    return set(re.findall(r"\b(motet_\w+)\(", tests))


def exported(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in lines.splitlines()} - {"MOTET_0"}


def main():
    library = sys.argv[1]
    assert len(declared()) > 80, "the headers were not found"
    for what, names in (
        ("declared, but not used by any C test", declared() - used()),
        ("declared, but not exported", declared() - exported(library)),
        ("exported, but not declared", exported(library) - declared()),
    ):
        if names:
            sys.exit(f"{what}: {', '.join(sorted(names))}")


if __name__ == "__main__":
    main()
