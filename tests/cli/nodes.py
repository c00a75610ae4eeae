"""What tests of real nodes share: the program motet, in a folder of its own. Its path is in sys.motet."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

PATIENCE = 60
FAST = {
    "log.level": "warning",
    "cluster.gossip-interval": "50ms",
    "cluster.leader-interval": "50ms",
    "cluster.heartbeat-interval": "200ms",
    "cluster.failure-detector.acceptable-pause": "2s",
    "cluster.failure-detector.expected-response": "200ms",
    "cluster.join-retry": "500ms",
}


def node_command(motet, socket, settings, *options):
    """Runs a node with that control socket."""
    pairs = (("--set", f"{key}={value}") for key, value in settings.items())
    return [motet, "node", "--socket", socket, *options, *(word for pair in pairs for word in pair)]


class Scratch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="motet-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_motet(self, *arguments, **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MOTET_")}
        return subprocess.run([sys.motet, *arguments], cwd=self.folder, capture_output=True, text=True,
                              timeout=PATIENCE, env={**environment, **variables})

    def start_node(self, name, *options, **settings):
        """A node with a control socket of that name; returns its process and its address."""
        command = node_command(sys.motet, name, {**FAST, **settings}, "--json", *options)
        node = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, node)
        line = node.stdout.readline()
        self.assertTrue(line, "the node has not started")
        return node, json.loads(line)["address"]

    def end(self, node):
        if node.poll() is None:
            node.kill()
        node.wait(PATIENCE)
        node.stdout.close()

    def ask(self, name, *command):
        done = self.run_motet(*command, "--json", "--socket", name)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return json.loads(done.stdout)

    def wait_for(self, name, condition, *command):
        """Asks a node until the answer meets the condition."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.ask(name, *command)
            if condition(answer):
                return answer
            self.assertLess(time.monotonic(), deadline, answer)
            time.sleep(0.02)

    def wait_up(self, name, count):
        return self.wait_for(name, lambda members: [m["status"] for m in members] == ["up"] * count, "members")
