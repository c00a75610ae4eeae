"""Real processes, each in a network namespace of its own, and networks that fail: what is lost, what is not, and in which order.

  network_test.py <folder of the build> [<name of a scenario>]...

Needs root, ip and nft: without them it says so and is skipped (exit code 77).
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from network import Network

PORT = 25521
SINK = f"motet.tcp://net@10.213.77.2:{PORT}/user/sink"
PATIENCE = 90  # seconds until something that must happen is given up
FAULT = 2  # seconds that a fault lasts which is to be survived


class Node:
    def __init__(self, network, program, side, *settings):
        self.command = network.within(side, program, network.hosts[side], str(PORT), *settings)
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def stats(self):
        return json.loads(self.tell("stats"))

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) * 1024

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            if self.process.poll() is None:
                self.process.stdin.write("quit\n")
                self.process.stdin.close()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("a node did not end")
        assert code in (0, -signal.SIGKILL), f"a node has ended with {code}"


def wait(what, condition, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not (result := condition()):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)
    return result


def all_arrive(a, b, count):
    """Everything was accepted and arrives, once and in order."""
    try:
        wait("everything is sent", lambda: a.stats()["sending"] == 0)
        wait("everything arrives", lambda: b.stats()["received"] >= count)
    except AssertionError as error:
        raise AssertionError(f"{error}; {a.stats()}, {b.stats()}") from None
    here, there = a.stats(), b.stats()
    assert (here["accepted"], here["refused"], here["dead"]) == (count, 0, 0), here
    assert (there["received"], there["disorder"], there["dead"]) == (count, 0, 0), there


def lossy(share, count, *sides, lasts=None):
    def scenario(network, a, b):
        a.tell(f"send {SINK} 1 0")
        all_arrive(a, b, 1)  # who cannot even shake hands in time is gated, as it should be
        network.drop(share, *sides)
        a.tell(f"send {SINK} {count - 1} 500")
        if lasts is not None:
            with contextlib.suppress(AssertionError):
                wait("everything arrives", lambda: b.stats()["received"] >= count, lasts)
            network.heal()
        all_arrive(a, b, count)
    return scenario


def partition(*sides):
    def scenario(network, a, b):
        a.tell(f"send {SINK} 3000 1000")
        wait("messages flow", lambda: b.stats()["received"] > 100)
        network.drop(100, *sides)
        time.sleep(FAULT)
        network.heal()
        all_arrive(a, b, 3000)
    return scenario


def stopped(seconds):
    """A process that stands still for less long than is concluded anything from goes on, and has missed nothing."""
    def scenario(network, a, b):
        a.tell(f"watch {SINK}")
        a.tell(f"send {SINK} 3000 1000")
        wait("messages flow", lambda: b.stats()["received"] > 100)
        b.signal(signal.SIGSTOP)
        time.sleep(seconds)
        b.signal(signal.SIGCONT)
        all_arrive(a, b, 3000)
        assert a.stats()["terminated"] == 0
    return scenario


def stopped_for_long(network, a, b):
    """One that stands still for longer is taken for dead, and is not believed when it goes on."""
    a.tell(f"watch {SINK}")
    a.tell(f"send {SINK} 1000 1000")
    wait("messages flow", lambda: b.stats()["received"] > 100)
    b.signal(signal.SIGSTOP)
    time.sleep(30)
    assert a.stats()["terminated"] == 1
    b.signal(signal.SIGCONT)
    wait("the peer is quarantined", lambda: a.stats()["state"] == "quarantined")
    wait("it is told so", lambda: b.stats()["quarantined"] == 1)
    wait("everything is sent", lambda: a.stats()["sending"] == 0)
    here, there = a.stats(), b.stats()
    assert here["terminated"] == 1 and there["disorder"] == 0, (here, there)
    # What was refused to begin with is a dead letter here; what stood in sockets is told nowhere.
    assert 1000 - there["received"] - here["dead"] - there["dead"] >= 0, (here, there)


def never_reads(network, a, b):
    """Who does not read at all has its sender refuse what finds no room, within its memory; nothing that was accepted is
    lost when it reads again."""
    a.tell(f"send {SINK} 1 0")
    all_arrive(a, b, 1)
    before = a.memory()
    b.signal(signal.SIGSTOP)
    sent = 1
    while a.stats()["refused"] == 0:
        a.tell(f"send {SINK} 100000 0")
        sent += 100000
        wait("everything is sent", lambda: a.stats()["sending"] == 0)
        assert a.memory() - before < 256 << 20, a.memory()
        assert sent < 20_000_000, "nothing is refused"
    b.signal(signal.SIGCONT)
    here = a.stats()
    assert here["accepted"] + here["refused"] == sent and here["dead"] == here["refused"], here
    wait("everything arrives", lambda: (lambda there: there["received"] + there["dead"] == here["accepted"])(b.stats()))
    assert b.stats()["disorder"] == 0


def lost_for_good(network, a, b):
    """The peer is quarantined when it is silent for too long; then nothing more goes there, and all is accounted for."""
    a.tell(f"watch {SINK}")
    a.tell(f"send {SINK} 6000 1000")
    wait("messages flow", lambda: b.stats()["received"] > 100)
    network.drop(100, 0, 1)
    wait("it is told that the sink is gone", lambda: a.stats()["terminated"] == 1)
    wait("the peer is quarantined", lambda: a.stats()["state"] == "quarantined")
    network.heal()
    wait("everything is sent", lambda: a.stats()["sending"] == 0)
    here, there = a.stats(), b.stats()
    assert here["refused"] > 0 and here["accepted"] + here["refused"] == 6000, here
    assert there["disorder"] == 0, there
    # What stood in the sockets when the line was cut is nowhere told; it is less than what they hold.
    silent = here["accepted"] + here["refused"] - there["received"] - here["dead"] - there["dead"]
    assert 0 <= silent <= 4000, (silent, here, there)


def killed(network, a, b):
    """A node that is killed and started again at its port is another life, and hears what is told from then on."""
    a.tell(f"watch {SINK}")
    a.tell(f"send {SINK} 500 500")
    wait("messages flow", lambda: b.stats()["received"] > 50)
    b.signal(signal.SIGKILL)
    b.process.wait()
    b.start()
    wait("it is told that the sink is gone", lambda: a.stats()["terminated"] == 1)
    before = b.stats()["received"]
    def heard():
        a.tell(f"send {SINK} 1 0")
        return b.stats()["received"] > before
    wait("the new life is heard", heard)
    assert a.stats()["terminated"] == 1


def slow_reader(network, a, b):
    """Whoever reads slowly has a full mailbox; every message is received or a dead letter."""
    b.tell("slow 2000")
    a.tell(f"send {SINK} 20000 0")
    wait("everything is sent", lambda: a.stats()["sending"] == 0)
    b.tell("slow 0")
    def counted():
        here, there = a.stats(), b.stats()
        return there["received"] + there["dead"] + here["dead"] == 20000 and (here, there)
    here, there = wait("every message is accounted for", counted)
    assert there["disorder"] == 0 and there["dead"] > 0, there
    assert a.memory() < 400 << 20 and b.memory() < 400 << 20


def garbage(network, a, b):
    """Strangers that send rubbish, half of something, or nothing, and hang up, do no harm."""
    script = f"""
import random, socket
random.seed(7)
greeting = bytes([0xff]) + bytes(8) + bytes([0x7f, 3, 0]) + b"NULL" + bytes(48)
for i in range(1000):
    with socket.create_connection(("{network.hosts[1]}", {PORT})) as stranger:
        rubbish = random.randbytes(random.randrange(200))
        stranger.sendall([b"", rubbish, greeting[:random.randrange(64)], greeting + rubbish][i % 4])
"""
    a.tell(f"send {SINK} 2000 1000")
    before = b.memory()
    subprocess.run(network.within(0, sys.executable, "-c", script), check=True)
    all_arrive(a, b, 2000)
    assert b.memory() - before < 64 << 20


SCENARIOS = {
    "loss of 1 %": (lossy(1, 2000, 0, 1), ()),
    "loss of 5 %": (lossy(5, 1000, 0, 1), ()),
    # TCP waits twice as long after each loss in a row, which may be minutes; it ends soon after the losses have.
    "loss of 30 %": (lossy(30, 100, 1, lasts=20), ()),
    "partition": (partition(0, 1), ()),
    "partition one way": (partition(1,), ()),
    "partition the other way": (partition(0,), ()),
    "stopped for 2 s": (stopped(2), ()),
    "stopped for 6 s": (stopped(6), ()),
    "stopped for 30 s": (stopped_for_long, ()),
    "never reads": (never_reads, ("remote.queue-size", "1MiB", "actor.mailbox-capacity", "1000000000")),
    "lost for good": (lost_for_good, ("remote.watch.acceptable-pause", "1s", "remote.watch.heartbeat-interval", "200ms")),
    "killed and started again": (killed, ("remote.watch.acceptable-pause", "1s", "remote.watch.heartbeat-interval", "200ms", "remote.gate-time", "500ms")),
    "slow reader": (slow_reader, ("actor.mailbox-capacity", "500")),
    "garbage": (garbage, ()),
}


def main():
    if missing := Network.missing():
        print(f"skipped: {missing}")
        return 77
    program = os.path.join(sys.argv[1], "tests/multinode/multinode_node")
    failed = 0
    for name, (scenario, settings) in SCENARIOS.items():
        if sys.argv[2:] and name not in sys.argv[2:]:
            continue
        begun = time.monotonic()
        with Network(2) as network:
            a, b = Node(network, program, 0, *settings), Node(network, program, 1, *settings)
            try:
                scenario(network, a, b)
                network.heal()
                a.end()
                b.end()
                print(f"{name}: held, {time.monotonic() - begun:.1f} s", flush=True)
            except AssertionError as error:
                failed += 1
                print(f"{name}: FAILED: {error}", flush=True)
            finally:
                for node in (a, b):
                    node.process.kill()
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
