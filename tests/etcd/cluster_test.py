"""Clusters of real processes whose lease is in a real etcd.

  cluster_test.py MOTET
"""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/cli"))

from nodes import FAST, PATIENCE, Scratch  # noqa: E402

LEASE = {
    "cluster.downing.strategy": "lease-majority",
    "cluster.downing.stable-after": "2s",
    "cluster.downing.lease": "etcd",
    "cluster.downing.lease-delay": "0s",
}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class LeaseInEtcd(Scratch):
    def start_etcd(self):
        self.endpoint, peers = (f"http://127.0.0.1:{port}" for port in free_ports(2))
        with open(self.folder / "etcd.log", "w") as log:
            self.etcd = subprocess.Popen(
                ["etcd", "--data-dir", "data", "--listen-client-urls", self.endpoint, "--advertise-client-urls", self.endpoint,
                 "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"],
                cwd=self.folder, stdout=log, stderr=log)
        self.addCleanup(self.end_etcd)
        self.wait("etcd answers", lambda: self.etcdctl("endpoint", "health").returncode == 0)

    def end_etcd(self):
        self.etcd.kill()
        self.etcd.wait(PATIENCE)

    def etcdctl(self, *command):
        return subprocess.run(["etcdctl", "--endpoints", self.endpoint, *command], capture_output=True, text=True,
                              env={**os.environ, "ETCDCTL_API": "3"})

    def wait(self, what, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    def start_pair(self, **settings):
        settings = {**LEASE, "cluster.etcd.endpoints": self.endpoint, **settings}
        first, address = self.start_node("first", **settings)
        self.assertEqual(self.run_motet("join", address, "--socket", "first").returncode, 0)
        second, _ = self.start_node("second", **settings, **{"cluster.seed-nodes": address})
        self.wait_up("first", 2)
        self.wait_up("second", 2)
        return first, second, address

    def wait_alone(self, address):
        self.wait_for("first", lambda members: [member["address"] for member in members] == [address], "members")

    def test_of_two_halves_one_stays(self):
        """A node that was stopped asks for the lease when it goes on, which the other one was granted meanwhile."""
        self.start_etcd()
        first, second, address = self.start_pair()
        second.send_signal(signal.SIGSTOP)
        self.wait_alone(address)
        self.assertIn(address, self.etcdctl("get", "--prefix", "/motet/lease/", "--print-value-only").stdout)
        second.send_signal(signal.SIGCONT)
        self.assertEqual(second.wait(PATIENCE), 5)  # declared down
        self.assertIsNone(first.poll())
        self.wait_alone(address)

    def test_without_etcd_nobody_stays(self):
        self.start_etcd()
        first, second, _ = self.start_pair(**{"cluster.etcd.request-timeout": "200ms"})
        self.etcd.kill()
        second.kill()
        self.assertEqual(first.wait(PATIENCE), 5)

    def test_the_lease_is_given_back(self):
        self.start_etcd()
        first, second, address = self.start_pair(**{"cluster.downing.lease-release-after": "1s"})
        second.kill()
        self.wait_alone(address)
        self.wait("nobody holds the lease", lambda: self.etcdctl("get", "--prefix", "/motet/lease/").stdout == "")
        self.assertIsNone(first.poll())

    def test_what_cannot_be_is_refused_at_the_start(self):
        for setting, value, sentence in (
            ("cluster.etcd.endpoints", "127.0.0.1:2379", 'does not begin with http:// or https://'),
            ("cluster.etcd.endpoints", "", "cluster.etcd.endpoints is empty"),
            ("cluster.etcd.time-to-live", "40s", "must be longer than cluster.downing.lease-release-after (40s)"),
            ("cluster.etcd.key-file", "key", "go together: set both or none"),
            ("cluster.etcd.ca-file", "nowhere.pem", "the file nowhere.pem cannot be read"),
            ("cluster.downing.strategy", "keep-oldest", "the strategy keep-oldest asks for no lease"),
        ):
            with self.subTest(setting=setting, value=value):
                options = (f"{key}={text}" for key, text in {**FAST, **LEASE, setting: value}.items())
                done = self.run_motet("node", *(part for option in options for part in ("--set", option)))
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(sentence, done.stdout + done.stderr)

    def test_the_example_of_the_document_is_understood(self):
        """All of its keys and values are; only the files are not there."""
        document = (ROOT / "docs/membership.md").read_text()
        example = re.search(r"```toml\n(\[cluster\.downing\].*?)```", document, re.DOTALL)[1]
        (self.folder / "motet.toml").write_text(example)
        done = self.run_motet("node", "--config", "motet.toml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cluster.etcd.ca-file: the file ca.pem cannot be read", done.stdout + done.stderr)


if __name__ == "__main__":
    sys.motet = sys.argv.pop()
    unittest.main()
