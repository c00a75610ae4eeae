"""Clusters of real processes whose lease is in a real etcd.

  cluster_test.py MOTET
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/membership.md"
PATIENCE = 60
SETTINGS = {
    "log.level": "warning",
    "cluster.gossip-interval": "50ms",
    "cluster.leader-interval": "50ms",
    "cluster.heartbeat-interval": "200ms",
    "cluster.failure-detector.acceptable-pause": "2s",
    "cluster.failure-detector.expected-response": "200ms",
    "cluster.join-retry": "500ms",
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


class LeaseInEtcd(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="motet-etcd-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, *command, **options):
        process = subprocess.Popen(command, cwd=self.folder, text=True, **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.wait(PATIENCE)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    def start_etcd(self):
        clients, peers = (f"http://127.0.0.1:{port}" for port in free_ports(2))
        log = open(self.folder / "etcd.log", "w")
        self.addCleanup(log.close)
        self.etcd = self.start("etcd", "--data-dir", "data", "--listen-client-urls", clients, "--advertise-client-urls", clients,
                               "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
                               "--initial-cluster", f"default={peers}", stdout=log, stderr=log)
        self.endpoint = clients
        self.wait("etcd answers", lambda: self.etcdctl("endpoint", "health").returncode == 0)

    def etcdctl(self, *command):
        return subprocess.run(["etcdctl", "--endpoints", self.endpoint, *command], capture_output=True, text=True,
                              env={**os.environ, "ETCDCTL_API": "3"})

    def wait(self, what, condition):
        deadline = time.monotonic() + PATIENCE
        while not (result := condition()):
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)
        return result

    def node_command(self, name, **settings):
        options = {**SETTINGS, "cluster.etcd.endpoints": self.endpoint, **settings}
        return [sys.motet, "node", "--json", "--socket", name, *(part for key, value in options.items()
                                                                   for part in ("--set", f"{key}={value}"))]

    def start_node(self, name, **settings):
        node = self.start(*self.node_command(name, **settings), stdout=subprocess.PIPE)
        return node, json.loads(node.stdout.readline())["address"]

    def members(self, name):
        done = subprocess.run([sys.motet, "members", "--json", "--socket", name], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [member["address"] for member in json.loads(done.stdout) if member["status"] == "up"]

    def start_pair(self, **settings):
        first, address = self.start_node("first", **settings)
        subprocess.run([sys.motet, "join", address, "--socket", "first"], cwd=self.folder, check=True)
        second, _ = self.start_node("second", **{**settings, "cluster.seed-nodes": address})
        self.wait("both are up", lambda: len(self.members("first")) == len(self.members("second")) == 2)
        return first, second, address

    def test_of_two_halves_one_stays(self):
        """A node that was stopped asks for the lease when it goes on, which the other one was granted meanwhile."""
        self.start_etcd()
        first, second, address = self.start_pair()
        second.send_signal(signal.SIGSTOP)
        self.wait("the first is alone", lambda: self.members("first") == [address])
        holder = self.etcdctl("get", "--prefix", "/motet/lease/", "--print-value-only").stdout
        self.assertIn(address, holder)
        second.send_signal(signal.SIGCONT)
        self.assertEqual(second.wait(PATIENCE), 5)  # declared down
        self.assertIsNone(first.poll())
        self.assertEqual(self.members("first"), [address])

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
        self.wait("the first is alone", lambda: self.members("first") == [address])
        self.wait("nobody holds the lease", lambda: self.etcdctl("get", "--prefix", "/motet/lease/").stdout == "")
        self.assertIsNone(first.poll())

    def test_what_cannot_be_is_refused_at_the_start(self):
        self.endpoint = "http://127.0.0.1:1"
        for setting, value, sentence in (
            ("cluster.etcd.endpoints", "127.0.0.1:2379", 'does not begin with http:// or https://'),
            ("cluster.etcd.endpoints", "", "cluster.etcd.endpoints is empty"),
            ("cluster.etcd.time-to-live", "40s", "must be longer than cluster.downing.lease-release-after (40s)"),
            ("cluster.etcd.key-file", "key", "go together: set both or none"),
            ("cluster.etcd.ca-file", "nowhere.pem", "the file nowhere.pem cannot be read"),
            ("cluster.downing.strategy", "keep-oldest", "the strategy keep-oldest asks for no lease"),
        ):
            with self.subTest(setting=setting, value=value):
                done = subprocess.run(self.node_command("bad", **{setting: value}), cwd=self.folder, capture_output=True,
                                      text=True, timeout=PATIENCE)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(sentence, done.stdout + done.stderr)

    def test_the_example_of_the_document_is_understood(self):
        """All of its keys and values are; only the files are not there."""
        example = re.search(r"```toml\n(\[cluster\.downing\].*?)```", DOCUMENT.read_text(), re.DOTALL)[1]
        (self.folder / "motet.toml").write_text(example)
        done = subprocess.run([sys.motet, "node", "--config", "motet.toml"], cwd=self.folder, capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cluster.etcd.ca-file: the file ca.pem cannot be read", done.stdout + done.stderr)


if __name__ == "__main__":
    sys.motet = str(pathlib.Path(sys.argv.pop()).resolve())
    unittest.main()
