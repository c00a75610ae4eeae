"""Every ordered pair of the five languages exchanges tell, ask and watch; a handler that fails is supervised in each.

Each language has a peer (tests/polyglot/<language>): one node with the actor /user/peer. Told peer.Run {target}, it
tells the target something and checks the echo, asks it and checks the answer, has it spawn a child, watches that child
and has it stopped; then it replies peer.Report {ok, error}. It registers its kind of actor as "peer.Peer" too. This
driver is a sixth node.

  polyglot_test.py BUILD_FOLDER
"""
import asyncio
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples/demo"), f"{sys.argv[1]}/python"]

import motet  # noqa: E402
from process import Process  # noqa: E402
from programs import go_environment, run  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PATIENCE = 60
SETTINGS = {"system.name": "Polyglot", "remote.host": "127.0.0.1", "remote.port": "0", "cluster.seed-contact-timeout": "1s"}
PEERS = {
    "c": ([BUILD / "tests/polyglot/peer_c"], {}),
    "cpp": ([BUILD / "tests/polyglot/peer_cpp"], {}),
    "python": (
        ["/usr/bin/python3", ROOT / "tests/polyglot/python/peer.py"],
        {"PYTHONPATH": str(BUILD / "python"), "PYTHONDONTWRITEBYTECODE": "1"},
    ),
    "java": ([BUILD / "java/bin/peer"], {}),
    "go": ([BUILD / "tests/polyglot/peer_go"], {}),
}


@motet.message("peer.Run")
class Run:
    target: motet.ActorRef


@motet.message("peer.Report")
class Report:
    ok: bool
    error: str


@motet.message("peer.Echo")
class Echo:
    value: object


@motet.message("peer.Fail")
class Fail:
    pass


class Polyglot(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        folder = ROOT / "tests/polyglot/go"
        run("/usr/bin/go", "build", "-o", PEERS["go"][0][0], ".", folder=folder, environment=go_environment(BUILD))

    def start(self, name, command, environment, seed):
        settings = {**SETTINGS, **({"cluster.seed-nodes": seed} if seed else {})}
        variables = {"MOTET_" + key.upper().replace(".", "__").replace("-", "_"): text for key, text in settings.items()}
        process = Process(name, name, [str(part) for part in command], {**environment, **variables}, self.folder)
        self.addCleanup(process.stop)
        return process

    async def asyncSetUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="motet-polyglot-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        seed = self.start("seed", [BUILD / "examples/c/seed"], {}, None).wait("ready ", PATIENCE)[1]
        self.processes = {name: self.start(name, *peer, seed) for name, peer in PEERS.items()}
        addresses = {name: process.wait("ready ", PATIENCE)[1] for name, process in self.processes.items()}
        self.system = motet.System({**SETTINGS, "cluster.seed-nodes": seed})
        self.addAsyncCleanup(self.system.close)
        await self.system.cluster.wait_up(PATIENCE)
        self.peers = {name: self.system.ref(f"{address}/user/peer") for name, address in addresses.items()}

    async def test_every_ordered_pair_tells_asks_and_watches(self):
        for asking, peer in self.peers.items():
            for asked, target in self.peers.items():
                with self.subTest(f"{asking} to {asked}"):
                    report = await peer.ask(Run(target), timeout=PATIENCE)
                    self.assertEqual((report.ok, report.error), (True, ""))

    async def test_all_pairs_at_once(self):
        """The same from every peer to its successor, in parallel."""
        names = list(self.peers)
        runs = [self.peers[name].ask(Run(self.peers[names[i - 1]]), timeout=PATIENCE) for i, name in enumerate(names)]
        self.assertEqual([report.error for report in await asyncio.gather(*runs)], [""] * len(names))

    async def test_a_failing_handler_is_supervised_and_its_text_crosses_the_wire(self):
        for name, peer in self.peers.items():
            with self.subTest(name):
                with self.assertRaises(motet.Error) as raised:
                    await peer.ask(Fail(), timeout=PATIENCE)
                self.assertIn(f"boom-{name}", str(raised.exception))
                echo = await peer.ask(Echo("still here"), timeout=PATIENCE)
                self.assertEqual(echo.value, "still here")

    async def test_an_actor_is_created_by_the_name_of_its_type_in_every_language(self):
        for name, peer in self.peers.items():
            with self.subTest(name):
                address = peer.path.partition("/user")[0]
                props = motet.Props.of_type("peer.Peer").with_setting("remote", address)
                created = self.system.spawn(props.with_setting("supervision.directive", "resume"))
                with self.assertRaises(motet.Error) as raised:
                    await created.ask(Fail(), timeout=PATIENCE)
                self.assertIn(f"boom-{name}", str(raised.exception))
                echo = await created.ask(Echo("made there"), timeout=PATIENCE)
                self.assertEqual(echo.value, "made there")


if __name__ == "__main__":
    unittest.main()
