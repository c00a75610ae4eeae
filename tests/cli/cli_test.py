"""The program motet with real nodes: processes that form a cluster, and commands that talk to them.

  cli_test.py MOTET
"""
import json
import pathlib
import signal
import sys
import unittest

from nodes import PATIENCE, Scratch

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent.parent / "docs/command-line.md"


class Usage(Scratch):
    def test_says_how_it_is_used(self):
        done = self.run_motet("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("usage: motet COMMAND", done.stdout)
        self.assertRegex(self.run_motet("--version").stdout, r"\A\d+\.\d+\.\d+\n\Z")
        for wrong, named in (
            ([], "a command is missing"),
            (["dance"], "dance"),
            (["status"], "--socket PATH"),
            (["status", "--socket"], "--socket"),
            (["status", "--socket", "s", "x"], '"x"'),
            (["join", "--socket", "s"], "an address is missing"),
            (["status", "--timeout", "soon"], "soon"),
            (["status", "--config", "f"], "--config"),
            (["node", "--set", "nonsense"], "KEY=VALUE"),
            (["status", "--events"], "--events"),
        ):
            done = self.run_motet(*wrong)
            self.assertEqual((done.returncode, done.stdout), (2, ""), wrong)
            self.assertIn(named, done.stderr)
            self.assertIn("usage:", done.stderr)

    def test_without_a_node_it_says_so(self):
        done = self.run_motet("status", "--socket", "nowhere")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn('"nowhere"', done.stderr)
        done = self.run_motet("status", "--json", "--socket", "nowhere")
        self.assertEqual((done.returncode, done.stderr), (3, ""))
        self.assertEqual(json.loads(done.stdout)["error"]["name"], "NOT_FOUND")

    def test_a_node_that_cannot_start_says_why(self):
        for settings, named in (
            (["--set", "cluster.downing.stable-after=1s"], "stable-after"),
            (["--set", "no.such=1"], "no.such"),
            (["--config", "missing.toml"], "missing.toml"),
            (["--set", "cluster.enabled=off", "--socket", "s"], "control.socket"),
        ):
            done = self.run_motet("node", *settings)
            self.assertEqual((done.returncode, done.stdout), (1, ""), settings)
            self.assertIn(named, done.stderr)
        done = self.run_motet("node", "--json", "--set", 'no."such"=1')
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["error"]["name"], "UNKNOWN_KEY")


class Nodes(Scratch):
    def test_a_cluster_is_founded_seen_and_left(self):
        one, first = self.start_node("one", **{"cluster.roles": "seed"})
        self.assertEqual(self.ask("one", "members"), [])
        self.assertEqual(self.ask("one", "leader"), {"leader": None})
        self.assertEqual(self.ask("one", "status")["status"], "removed")
        self.assertEqual(self.ask("one", "join", first), {"ok": True})
        self.wait_up("one", 1)
        two, second = self.start_node("two", **{"cluster.seed-nodes": first, "cluster.version": "2.1.0"})
        members = self.wait_up("one", 2)
        self.assertEqual({member["address"] for member in members}, {first, second})
        versions = {member["address"]: member["version"] for member in members}
        self.assertEqual(versions, {first: "0.0.0", second: "2.1.0"})
        self.assertEqual(self.ask("two", "leader")["leader"], min(first, second, key=lambda a: int(a.split(":")[-1])))
        state = self.wait_for("two", lambda answer: answer["converged"], "status")
        self.assertEqual((state["self"], state["status"], state["unreachable"]), (second, "up", []))
        self.assertEqual(state["role_leaders"], {"seed": first})
        text = self.run_motet("status", MOTET_CONTROL__SOCKET="one")
        self.assertEqual(text.returncode, 0)
        self.assertIn(f"address\t{first}\n", text.stdout)
        self.assertIn("members\t2\n", text.stdout)
        lines = self.run_motet("members", "--socket", "one").stdout.splitlines()
        self.assertEqual(sorted(line.split("\t")[:3] for line in lines),
                         sorted([[first, "up", "reachable"], [second, "up", "reachable"]]))
        self.assertEqual(self.run_motet("unreachable", "--socket", "one").stdout, "")
        self.assertEqual(self.ask("one", "leave", second), {"ok": True})  # of any node, from any node
        self.assertEqual(two.wait(PATIENCE), 0)
        self.wait_up("one", 1)
        self.assertFalse((self.folder / "two").exists())
        one.send_signal(signal.SIGTERM)
        self.assertEqual(one.wait(PATIENCE), 0)

    def test_a_node_prints_the_events_of_its_cluster(self):
        node, address = self.start_node("one", "--events")
        self.ask("one", "join", address)
        self.wait_up("one", 1)
        node.terminate()
        lines = [json.loads(line) for line in node.stdout]
        self.assertEqual(node.wait(PATIENCE), 0)
        self.assertEqual(lines[0]["event"], "motet.cluster.State")
        told = {line["event"]: line["body"] for line in lines}
        self.assertEqual((told["motet.cluster.MemberUp"]["address"], told["motet.cluster.MemberUp"]["status"]), (address, "up"))
        self.assertEqual(lines, sorted(lines, key=lambda line: line["time"]))
        done = self.run_motet("node", "--events", "--set", "cluster.seed-nodes=motet.tcp://motet@127.0.0.1:9",
                              "--set", "cluster.join-give-up=300ms")
        self.assertRegex(done.stdout.splitlines()[1], r'^[0-9]+\.[0-9]{6} motet\.cluster\.State \{"members":\[\]')

    def test_who_is_declared_down_ends_with_its_own_code(self):
        one, first = self.start_node("one")
        self.ask("one", "join", first)
        self.wait_up("one", 1)
        two, second = self.start_node("two", **{"cluster.seed-nodes": first})
        self.wait_up("one", 2)
        self.assertEqual(self.ask("one", "down", second), {"ok": True})
        self.assertEqual(two.wait(PATIENCE), 5)
        self.wait_up("one", 1)

    def test_a_killed_member_is_named_until_it_is_gone(self):
        manual = {"cluster.downing.strategy": "manual"}
        _, first = self.start_node("one", **manual)
        self.ask("one", "join", first)
        self.wait_up("one", 1)
        two, second = self.start_node("two", **{"cluster.seed-nodes": first}, **manual)
        self.wait_up("one", 2)
        two.kill()
        lost = self.wait_for("one", lambda answer: answer != [], "unreachable")
        self.assertEqual([member["address"] for member in lost], [second])
        state = self.ask("one", "status")
        self.assertEqual([(s["observer"], s["subject"]) for s in state["suspicions"]], [(first, second)])
        self.assertGreater(state["suspicions"][0]["silence_ms"], 0)
        self.assertIn(second, self.run_motet("unreachable", "--socket", "one").stdout)
        self.ask("one", "down", second)
        self.wait_up("one", 1)

    def test_what_the_node_refuses_has_a_reason(self):
        _, first = self.start_node("one")
        for command, name, named in (
            (["join", "nonsense"], "BAD_ADDRESS", "nonsense"),
            (["join", "motet.tcp://Other@127.0.0.1:1"], "BAD_ADDRESS", "Other"),
            (["down", first], "BAD_STATE", "not a member"),
            (["prepare-for-full-shutdown"], "BAD_STATE", "not a member"),
        ):
            done = self.run_motet(*command, "--socket", "one")
            self.assertEqual((done.returncode, done.stdout), (1, ""), command)
            self.assertIn(named, done.stderr)
            done = self.run_motet(*command, "--json", "--socket", "one")
            self.assertEqual((done.returncode, done.stderr), (1, ""), command)
            self.assertEqual(json.loads(done.stdout)["error"]["name"], name)

    def test_who_is_not_let_in_gives_up_with_its_own_code(self):
        node, _ = self.start_node("one", **{"cluster.seed-nodes": "motet.tcp://motet@127.0.0.1:9",
                                            "cluster.join-give-up": "300ms"})
        self.assertEqual(node.wait(PATIENCE), 6)

    def test_who_is_configured_otherwise_is_refused_with_the_same_code(self):
        _, first = self.start_node("one", **{"cluster.compatibility.value.schema": "1"})
        self.ask("one", "join", first)
        self.wait_up("one", 1)
        node, _ = self.start_node("two", **{"cluster.compatibility.value.schema": "2", "cluster.seed-nodes": first})
        self.assertEqual(node.wait(PATIENCE), 6)

    def test_the_document_names_every_command_and_code(self):
        text = DOCUMENT.read_text()
        usage = self.run_motet("--help").stdout
        for word in ("status", "members", "leader", "unreachable", "join", "leave", "down",
                     "prepare-for-full-shutdown", "--json", "--socket", "--config", "--set", "--events", "--timeout"):
            self.assertIn(f"`{word}", text)
            self.assertIn(word, usage)
        for code in range(7):
            self.assertRegex(text, rf"(?m)^\| {code} \|")


if __name__ == "__main__":
    sys.motet = sys.argv.pop()
    unittest.main()
