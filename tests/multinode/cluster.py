"""A cluster of `motet node` processes, each on a host of its own (network.py), and what each of them is told of it."""
import json
import pathlib
import selectors
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

from nodes import node_command  # noqa: E402

PORT = 25520
PATIENCE = 120  # seconds until something that must happen is given up


class Node:
    """One life of a process, and the cluster as its own events have told it so far."""

    def __init__(self, cluster, number, began):
        self.number, self.began = number, began
        self.uid = None
        self.members = {}  # (uid, status) by address
        self.unreachable = set()
        self.buffer = b""
        host = cluster.network.hosts[number]
        self.address = cluster.addresses[number]
        settings = {"remote.host": host, "remote.port": PORT, "cluster.seed-nodes": ",".join(cluster.addresses[:2]),
                    "log.level": "error", **cluster.settings}
        self.socket = str(cluster.folder / f"{number}.socket")
        self.process = subprocess.Popen(
            cluster.network.within(number, *node_command(cluster.motet, self.socket, settings, "--json", "--events")),
            stdout=subprocess.PIPE)

    def take(self, event):
        name, body = event["event"].removeprefix("motet.cluster."), event["body"]
        if name == "State":
            self.members = {member["address"]: (member["uid"], member["status"]) for member in body["members"]}
            self.unreachable = set(body["unreachable"])
        elif name == "MemberRemoved":
            self.members.pop(body["address"], None)
            self.unreachable.discard(body["address"])
        elif name == "MemberUnreachable":
            self.unreachable.add(body["address"])
        elif name == "MemberReachable":
            self.unreachable.discard(body["address"])
        elif name.startswith("Member"):
            self.members[body["address"]] = (body["uid"], body["status"])


class Cluster:
    """Nodes by the number of their host. What has come to be is known with the time at which the last node was told."""

    def __init__(self, motet, network, settings=None):
        self.motet, self.network, self.settings = motet, network, settings or {}
        self.addresses = [f"motet.tcp://motet@{host}:{PORT}" for host in network.hosts]
        self.nodes = {}
        self.ended = {}  # exit code of those that have ended by themselves, by number
        self.suspected = []  # (time, number of who was told, address) for each MemberUnreachable
        self.selector = selectors.DefaultSelector()

    def __enter__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="motet-cluster-")
        self.folder = pathlib.Path(self.scratch.name)
        return self

    def __exit__(self, *_):
        for number in list(self.nodes):
            self.kill(number)
        self.selector.close()
        self.scratch.cleanup()

    def start(self, *numbers):
        """Returns when the first of them was begun."""
        began = time.time()
        for number in numbers:
            self.ended.pop(number, None)
            node = self.nodes[number] = Node(self, number, time.time())
            self.selector.register(node.process.stdout, selectors.EVENT_READ, node)
        return began

    def form(self, numbers):
        """Has them form a cluster; returns how long that took."""
        began = self.start(*numbers)
        return self.wait("all are up", lambda: self.all_up(numbers)) - began

    def send_signal(self, number, which):
        self.nodes[number].process.send_signal(which)
        return time.time()

    def kill(self, number):
        when = time.time()
        self.nodes[number].process.kill()
        self._forget(self.nodes[number])
        return when

    def _forget(self, node):
        self.selector.unregister(node.process.stdout)
        node.process.stdout.close()
        del self.nodes[node.number]
        return node.process.wait(PATIENCE)

    def watch(self, seconds):
        """Takes what the nodes tell for at most so long, or until one of them has told something; returns the time of the
        last event, None when there was none."""
        last = None
        for key, _ in self.selector.select(seconds):
            node = key.data
            data = node.process.stdout.read1(1 << 20)
            if not data:
                self.ended[node.number] = self._forget(node)
                last = max(last or 0, time.time())
                continue
            *lines, node.buffer = (node.buffer + data).split(b"\n")
            for line in filter(None, lines):
                event = json.loads(line)
                if "event" not in event:
                    assert "uid" in event, event
                    node.uid = int(event["uid"])
                    continue
                node.take(event)
                last = max(last or 0, event["time"])
                if event["event"] == "motet.cluster.MemberUnreachable":
                    self.suspected.append((event["time"], node.number, event["body"]["address"]))
        return last

    def wait(self, what, condition, patience=PATIENCE):
        """Returns when the condition came to hold, by the time of the event that made it so."""
        deadline, last = time.monotonic() + patience, time.time()
        while not condition():
            assert time.monotonic() < deadline, f"never happened: {what}\n{self.picture()}"
            last = self.watch(1) or last
        return last

    def run_for(self, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.watch(left)

    def all_up(self, numbers):
        """Each of these sees exactly these, in their present lives, all up and reachable."""
        if not all(number in self.nodes for number in numbers):
            return False
        nodes = [self.nodes[number] for number in numbers]
        wanted = {node.address: (node.uid, "up") for node in nodes}
        return all(node.members == wanted and not node.unreachable for node in nodes)

    def all_miss(self, missed, numbers):
        missed = {self.addresses[number] for number in missed}
        return all(self.nodes[number].unreachable == missed for number in numbers)

    def others_suspected(self, *numbers):
        """Who was told to be unreachable besides these."""
        addresses = {self.addresses[number] for number in numbers}
        return [suspicion for suspicion in self.suspected if suspicion[2] not in addresses]

    def picture(self):
        def view(node):
            others = {address: status for address, (_, status) in node.members.items() if status != "up"}
            return f"{len(node.members)} members, not up {others}, unreachable {sorted(node.unreachable)}"

        lines = [f"{number}: {view(node)}" for number, node in list(self.nodes.items())[:10]]
        return "\n".join([*lines, f"ended: {self.ended}"])

    # What is done to a cluster, by tests and measures alike. Each returns when it was done.

    def leave(self, number):
        return self.send_signal(number, signal.SIGTERM)

    def restart(self, number):
        """Kills it and starts it at once at the same port."""
        when = self.kill(number)
        self.start(number)
        return when

    def restart_in_turn(self, numbers):
        """Has each leave, and starts it again when it has ended; the next one follows when all see all again."""
        began = time.time()
        for number in numbers:
            self.leave(number)
            self.wait(f"{number} has left", lambda: number in self.ended)
            assert self.ended[number] == 0, self.ended
            self.start(number)
            last = self.wait(f"{number} is back", lambda: self.all_up(numbers))
        return last - began

    def stop_for(self, number, seconds):
        self.send_signal(number, signal.SIGSTOP)
        self.run_for(seconds)
        return self.send_signal(number, signal.SIGCONT)
