"""Clusters of real processes, each in a network namespace of its own, with the default settings: who is found unreachable,
who goes, and that the rest agree.

  cluster_test.py <folder of the build> [<name of a scenario>]...

Needs root, ip and nft: without them it says so and is skipped (exit code 77). All scenarios run at once, since most of
their time is waiting; each has a network of its own.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import time

from cluster import PORT, Cluster
from network import Network

DOWNED = 5  # exit code of a node that was declared down


def five(cluster):
    cluster.form(range(5))
    return range(5)


def bulk_start(cluster):
    cluster.form(range(10))
    assert not cluster.suspected, cluster.suspected


def crash(cluster):
    nodes = five(cluster)
    cluster.kill(3)
    rest = [number for number in nodes if number != 3]
    cluster.wait("it is found unreachable", lambda: cluster.all_miss([3], rest))
    cluster.wait("it is removed", lambda: cluster.all_up(rest))
    assert not cluster.others_suspected(3), cluster.suspected


def restart(cluster):
    nodes = five(cluster)
    for _ in range(3):
        cluster.restart(2)
        cluster.wait("the new life is up", lambda: cluster.all_up(nodes))
    assert not cluster.others_suspected(2), cluster.suspected


def rolling_restart(cluster):
    nodes = five(cluster)
    cluster.restart_in_turn(nodes)
    assert not cluster.suspected, cluster.suspected


def partition(cluster):
    five(cluster)
    cluster.network.split([0, 1], [2, 3, 4])
    cluster.wait("the smaller side ends", lambda: set(cluster.ended) == {0, 1})
    cluster.wait("the larger side goes on without it", lambda: cluster.all_up([2, 3, 4]))
    assert cluster.ended == {0: DOWNED, 1: DOWNED}, cluster.ended


def one_way(cluster):
    """The larger side hears the smaller one, but not the other way round: one of them stays, and not both."""
    five(cluster)
    cluster.network.drop(100, 0, 1, sent_by=[2, 3, 4])
    cluster.wait("the smaller side ends", lambda: set(cluster.ended) == {0, 1})
    cluster.wait("the larger side goes on without it", lambda: cluster.all_up([2, 3, 4]))
    assert cluster.ended == {0: DOWNED, 1: DOWNED}, cluster.ended


def deaf(cluster):
    """A node that hears nobody is the one that goes."""
    five(cluster)
    cluster.network.drop(100, 4)
    cluster.wait("it goes", lambda: 4 in cluster.ended)
    cluster.wait("the others go on", lambda: cluster.all_up(range(4)))
    assert cluster.ended == {4: DOWNED}, cluster.ended


def one_link(cluster):
    """What two members alone cannot reach is no reason to lose anybody."""
    nodes = five(cluster)
    cluster.network.split([1], [3])
    cluster.run_for(20)
    cluster.network.heal()
    cluster.wait("all see all", lambda: cluster.all_up(nodes))
    assert not cluster.suspected and not cluster.ended, (cluster.suspected, cluster.ended)


def lossy(share):
    """Whatever is suspected meanwhile: who goes was declared down, not two sides stay, and the rest agree afterwards."""
    def scenario(cluster):
        nodes = five(cluster)
        cluster.network.drop(share, *nodes)
        cluster.run_for(20)
        cluster.network.heal()
        cluster.wait("those who are left agree", lambda: cluster.nodes and cluster.all_up(list(cluster.nodes)))
        assert set(cluster.ended.values()) <= {DOWNED}, cluster.ended
        if share <= 5:
            assert not cluster.suspected and not cluster.ended, (cluster.suspected, cluster.ended)
    return scenario


def stopped(seconds):
    """The others find nobody unreachable but who was stopped. Back within the time that is allowed it has missed nothing; who
    comes back when it has been removed hears nobody, and ends."""
    def scenario(cluster):
        nodes = five(cluster)
        cluster.stop_for(1, seconds)
        rest = [number for number in nodes if number != 1]
        if seconds < 10:
            cluster.wait("all see all", lambda: cluster.all_up(nodes))
            cluster.run_for(5)
            assert cluster.all_up(nodes) and not cluster.ended, cluster.picture()
        else:
            cluster.wait("the others go on without it", lambda: cluster.all_up(rest))
            cluster.wait("it ends", lambda: 1 in cluster.ended)
            assert cluster.ended == {1: DOWNED}, cluster.ended
        wrong = [suspicion for suspicion in cluster.others_suspected(1) if seconds < 10 or suspicion[1] != 1]
        assert not wrong, wrong
        if seconds < 3:
            assert not cluster.suspected, cluster.suspected
    return scenario


def flood(cluster):
    """Large messages as fast as they go, in both directions between two members: nobody is found unreachable."""
    first, second = 3, 4
    cluster.form(range(3))
    program = os.path.join(sys.argv[1], "tests/multinode/multinode_node")
    senders = []
    for number in (first, second):
        host = cluster.network.hosts[number]
        settings = ("system.name", "motet", "cluster.enabled", "on", "cluster.seed-nodes", cluster.addresses[0])
        command = cluster.network.within(number, program, host, str(PORT), *settings)
        senders.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def tell(sender, line):
        sender.stdin.write(line + "\n")
        sender.stdin.flush()
        return sender.stdout.readline().strip()

    try:
        for sender in senders:
            assert sender.stdout.readline() == "ready\n"
        addresses = set(cluster.addresses)
        cluster.wait("all are up", lambda: all(
            set(node.members) == addresses and {status for _, status in node.members.values()} == {"up"}
            for node in cluster.nodes.values()))
        for sender, other in zip(senders, (second, first)):
            tell(sender, f"send {cluster.addresses[other]}/user/sink 3000 3000 4000000")
        cluster.run_for(15)
        counts = [json.loads(tell(sender, "stats")) for sender in senders]
        assert all(count["received"] > 20 and count["disorder"] == 0 for count in counts), counts
        assert not cluster.suspected, cluster.suspected
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
            sender.stdin.close()
            sender.stdout.close()


SCENARIOS = {
    "bulk start": bulk_start,
    "crash": crash,
    "killed and started again": restart,
    "rolling restart": rolling_restart,
    "partition": partition,
    "partition one way": one_way,
    "one hears nobody": deaf,
    "one link is cut": one_link,
    "loss of 5 %": lossy(5),
    "loss of 30 %": lossy(30),
    "stopped for 2 s": stopped(2),
    "stopped for 6 s": stopped(6),
    "stopped for 30 s": stopped(30),
    "large messages": flood,
}


def run(name):
    began = time.monotonic()
    with Network(10 if name == "bulk start" else 5) as network, Cluster(os.path.join(sys.argv[1], "cli/motet"), network) as cluster:
        try:
            SCENARIOS[name](cluster)
            return True, f"{name}: held, {time.monotonic() - began:.1f} s"
        except AssertionError as error:
            return False, f"{name}: FAILED: {error}"


def main():
    if missing := Network.missing():
        print(f"skipped: {missing}")
        return 77
    names = [name for name in SCENARIOS if not sys.argv[2:] or name in sys.argv[2:]]
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        results = []
        for done in concurrent.futures.as_completed([pool.submit(run, name) for name in names]):
            results.append(done.result())
            print(results[-1][1], flush=True)
    return 0 if all(held for held, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
