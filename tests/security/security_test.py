"""The program motet-keygen, and what docs/security.md tells operators to do.

  security_test.py MOTET_KEYGEN START
"""
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/security.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


class Scratch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="motet-security-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_in(self, *command, **options):
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, **options)

    def mode(self, name):
        return stat.S_IMODE((self.folder / name).stat().st_mode)


class Keygen(Scratch):
    def test_makes_a_pair_that_only_its_owner_reads(self):
        done = self.run_in(sys.keygen, "node", umask=0)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\A[0-9a-f]{64}\n\Z")
        self.assertEqual((self.folder / "node.pub").read_text(), done.stdout)
        self.assertRegex((self.folder / "node").read_text(), r"\A[0-9a-f]{64}\n\Z")
        self.assertEqual((self.mode("node"), self.mode("node.pub")), (0o600, 0o644))

    def test_never_overwrites(self):
        first = self.run_in(sys.keygen, "node").stdout
        again = self.run_in(sys.keygen, "node")
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn('"node.pub" exists already', again.stderr)
        self.assertEqual((self.folder / "node.pub").read_text(), first)

    def test_says_how_it_is_used(self):
        self.assertEqual(self.run_in(sys.keygen, "--help").returncode, 0)
        for wrong in ([], [""], ["-x"], ["a", "b"]):
            done = self.run_in(sys.keygen, *wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage: motet-keygen FILE", done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


class Document(Scratch):
    def test_its_commands_and_settings_start_nodes(self):
        for commands in blocks("sh"):
            path = f"{pathlib.Path(sys.keygen).parent}:{os.environ['PATH']}"
            done = self.run_in("sh", "-euc", commands, env={**os.environ, "PATH": path})
            self.assertEqual(done.returncode, 0, f"{commands}\n{done.stdout}{done.stderr}")
        addresses = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            free = str(listener.getsockname()[1])
        for settings in blocks("toml"):
            # The machine of the document is this one.
            settings = settings.replace('host = "10.0.0.1"', 'host = "127.0.0.1"').replace("2552", free)
            (self.folder / "motet.toml").write_text(settings)
            done = self.run_in(sys.start, "motet.toml")
            self.assertEqual(done.returncode, 0, f"{settings}\n{done.stderr}")
            addresses.append(done.stdout.strip())
        self.assertEqual(addresses[0], "motet.tcp://motet@127.0.0.1:" + free)
        self.assertIn("motet.tcp://motet@node1.example.org:8000", addresses)
        self.assertIn("motet.ipc://motet@node-1", addresses)

    def test_a_key_that_others_can_read_is_refused_with_the_cure(self):
        self.run_in(sys.keygen, "node")
        (self.folder / "peers").write_text("")
        (self.folder / "node").chmod(0o644)
        (self.folder / "motet.toml").write_text(
            'remote.curve.enabled = true\nremote.curve.key-file = "node"\nremote.curve.peers-file = "peers"\n')
        refused = self.run_in(sys.start, "motet.toml")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("BAD_VALUE: remote.curve.key-file", refused.stderr)
        cure = re.search(r"run: (chmod .*)", refused.stderr)[1]
        self.assertEqual(self.run_in("sh", "-c", cure).returncode, 0)
        self.assertEqual(self.run_in(sys.start, "motet.toml").returncode, 0)


if __name__ == "__main__":
    sys.keygen, sys.start = (os.path.abspath(argument) for argument in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
