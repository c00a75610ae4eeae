"""What clusters of real processes take, each process on a host of its own with the default settings, beside what the
simulator says of clusters of that size.

  measure_cluster.py <folder of the build> [<size>]... [--light <nodes>]

--light: instead, what each of so many nodes costs that have nothing to do but to be members.

The times are those of the nodes' own events. Needs root, ip and nft. Compare within one run: the machine takes part.
"""
import os
import re
import signal
import subprocess
import sys
import time

from cluster import Cluster
from network import Network

QUIET = 10  # seconds for which traffic and processor time are counted


def cost(cluster):
    """For a while in which nothing happens, the mean of all nodes: bytes a second on their cables, percent of a
    processor, and MiB of memory, shared pages in part (PSS)."""
    ticks = os.sysconf("SC_CLK_TCK")

    def used(node):
        fields = open(f"/proc/{node.process.pid}/stat").read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    def memory(node):
        return int(re.search(r"^Pss: +(\d+)", open(f"/proc/{node.process.pid}/smaps_rollup").read(), re.MULTILINE)[1])

    nodes = list(cluster.nodes.values())
    began, bytes_before = time.monotonic(), sum(cluster.network.bytes(node.number) for node in nodes)
    used_before = sum(map(used, nodes))
    cluster.run_for(QUIET)
    sent = sum(cluster.network.bytes(node.number) for node in nodes) - bytes_before
    took, processor = time.monotonic() - began, sum(map(used, nodes)) - used_before
    return sent / took / len(nodes), 100 * processor / took / len(nodes), sum(map(memory, nodes)) / 1024 / len(nodes)


def measure(motet, size):
    """(name, value, unit, what the simulator calls it) for each."""
    with Network(size + 1) as network, Cluster(motet, network) as cluster:
        everybody = list(range(size))
        yield "bulk start, until all see all up", cluster.form(everybody), "s", None
        cluster.run_for(5)
        traffic, processor, memory = cost(cluster)
        yield "idle traffic of a node, in and out, with all headers", traffic, "B/s", "idle traffic of a node, in and out"
        yield "idle processor time of a node", processor, "%", None
        yield "memory of a node (PSS)", memory, "MiB", None
        began = cluster.start(size)
        everybody.append(size)
        joined = cluster.wait("it is up", lambda: cluster.all_up(everybody))
        yield "one join, until all see it up, with the start of its process", joined - began, "s", "one join, until all see it Up"
        began = cluster.leave(size)
        everybody.pop()
        left = cluster.wait("it is removed", lambda: cluster.all_up(everybody))
        yield "one leaves, until all have removed it", left - began, "s", None
        began = cluster.restart(1)
        back = cluster.wait("the new life is up", lambda: cluster.all_up(everybody))
        yield "killed and started again at once, until all see it up", back - began, "s", None
        cluster.run_for(5)
        for seconds in (2, 6):
            cluster.suspected.clear()
            cluster.stop_for(1, seconds)
            cluster.wait("all see all", lambda: cluster.all_up(everybody))
            cluster.run_for(5)
            yield f"one stopped for {seconds} s: others found unreachable", len(cluster.others_suspected(1)), "", None
        cluster.suspected.clear()
        began = cluster.kill(size - 1)
        everybody.pop()
        agreed = cluster.wait("all know", lambda: cluster.all_miss([size - 1], everybody))
        yield "crash to agreed unreachable", agreed - began, "s", "crash to agreed unreachable"
        removed = cluster.wait("it is removed", lambda: cluster.all_up(everybody))
        yield "crash to removed everywhere, from there", removed - agreed, "s", "crash to removed everywhere, from there"
        yield "meanwhile others found unreachable", len(cluster.others_suspected(size - 1)), "", None
        cluster.suspected.clear()
        network.drop(5, *everybody)
        cluster.run_for(30)
        network.heal()
        yield "5 % of all packets lost for 30 s: found unreachable", len(cluster.suspected), "", None
        cluster.wait("all see all", lambda: cluster.all_up(everybody))
        small = everybody[:2 * len(everybody) // 5] or everybody[:1]
        large = everybody[len(small):]
        if len(large) > len(small):
            cluster.run_for(5)
            began = time.time()
            network.split(small, large)
            gone = cluster.wait("the smaller side ends", lambda: set(cluster.ended) >= set(small))
            alone = cluster.wait("the larger side goes on", lambda: cluster.all_up(large))
            yield "partition to decision on both sides", max(gone, alone) - began, "s", "partition to decision on both sides"
            yield "nodes of the larger side that were lost", len(set(cluster.ended) & set(large)), "", None


def simulated(build, sizes):
    """What the simulator says, by its name and the size."""
    command = [os.path.join(build, "tests/motet_sim"), "--measures", "--hours", "0", "--sizes", ",".join(map(str, sizes))]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    found = (re.match(r"(.+?) at (\d+) +([\d.]+) ", line) for line in lines)
    return {(match[1].rstrip(","), int(match[2])): float(match[3]) for match in found if match}


def light(motet, count):
    with Network(count) as network, Cluster(motet, network) as cluster:
        took = cluster.form(range(count))
        print(f"{count} nodes see all up after {took:.1f} s", flush=True)
        cluster.run_for(10)
        traffic, processor, memory = cost(cluster)
        print(f"each: {memory:.1f} MiB (PSS), {processor:.2f} % of a processor, {traffic:.0f} bytes a second in and out")
        print(f"found unreachable meanwhile: {len(cluster.suspected)}")


def main():
    if missing := Network.missing():
        print(missing)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no namespace is left
    build, *rest = sys.argv[1:]
    motet = os.path.join(build, "cli/motet")
    if rest[:1] == ["--light"]:
        light(motet, int(rest[1]))
        return 0
    sizes = [int(size) for size in rest] or [3, 10, 50]
    model = simulated(build, sizes)
    print(f"{'':66} {'nodes':>5} {'real':>10} {'simulated':>10}")
    for size in sizes:
        for name, value, unit, twin in measure(motet, size):
            beside = model.get((twin, size))
            print(f"{name:66} {size:5} {value:10.2f} {'' if beside is None else format(beside, '10.2f'):>10} {unit}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
