"""The scenario: workers of four languages dial in to a frontend, do its jobs, and one of them is killed half-way."""
import dataclasses
import json
import pathlib
import time

from process import Failed, Process

SETTINGS = {
    "system.name": "Demo",
    "remote.host": "127.0.0.1",
    "remote.port": "0",
    "log.level": "warning",
    # A death on one machine may be noticed sooner than the defaults, made for real networks, would.
    "cluster.heartbeat-interval": "250ms",
    "cluster.failure-detector.acceptable-pause": "1500ms",
    "cluster.failure-detector.expected-response": "250ms",
    "cluster.downing.stable-after": "2s",
    "cluster.seed-contact-timeout": "1s",
    "trace.export": "file",
}
# Generous: a loaded machine starts a JVM in many seconds. Nothing waits so long when all is well.
PATIENCE = 60
FREEZE = 0.3


def read_lines(path):
    """The lines of a text as the frontend reads them: each ends with a line feed, and with nothing else."""
    lines = pathlib.Path(path).read_bytes().decode("utf-8").split("\n")
    return lines if lines[-1] else lines[:-1]


@dataclasses.dataclass
class Outcome:
    """All that is known at the end."""

    text: list
    results: list  # as the frontend wrote them: {id, language, backend, text}
    events: list  # as the frontend wrote them: {time, event, ...}
    members: dict  # name -> Process
    killed: Process
    killed_address: str
    killed_at: float
    replacement: Process
    replacement_address: str
    traces: dict  # file -> language
    exit_codes: dict
    seconds: float


class Scenario:
    def __init__(self, programs, text, rate, window, kill, folder):
        self.programs, self.rate, self.window, self.kill = programs, rate, window, kill
        self.text, self.folder = pathlib.Path(text), pathlib.Path(folder)
        self.members, self.addresses, self.traces = {}, {}, {}
        self.events_file = self.folder / "events.jsonl"
        self.results_file = self.folder / "results.jsonl"

    def start(self, name, program, role, seed=None, arguments=()):
        """Starts one program as a member of the cluster."""
        trace = self.folder / f"{name}.trace.jsonl"
        settings = {**SETTINGS, "cluster.roles": role, "trace.file": str(trace)}
        if seed:
            settings["cluster.seed-nodes"] = seed
        command = [*self.programs[program].command, *arguments, *(f"--{key}={value}" for key, value in settings.items())]
        member = Process(name, self.programs[program].language, command, self.programs[program].environment, self.folder)
        self.members[name] = member
        self.traces[trace] = member.language
        return member

    def address(self, member):
        """Waits until a member says that it is ready; gives its address."""
        self.addresses[member.name] = member.wait("ready ", PATIENCE)[1]
        return self.addresses[member.name]

    def events(self):
        lines = self.events_file.read_text().split("\n")[:-1] if self.events_file.exists() else []
        return [json.loads(line) for line in lines]

    def wait_event(self, name, seconds):
        """Waits until the frontend reports an event of this name."""
        frontend, deadline = self.members["frontend"], time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = next((event for event in self.events() if event["event"] == name), None)
            if found:
                return found
            if frontend.child.poll() not in (None, 0):
                raise Failed(f"frontend ended with code {frontend.child.returncode}; {frontend.tail()}")
            time.sleep(0.005)
        raise Failed(f"frontend reported no '{name}' within {seconds} s; {frontend.tail()}")

    def run(self):
        """Plays it all; gives the outcome. Whatever happens, no program is left behind."""
        began = time.monotonic()
        try:
            return self._run(began)
        finally:
            for member in self.members.values():
                member.stop(0)

    def _run(self, began):
        backends = [name for name, program in self.programs.items() if program.role == "backend"]
        jobs = read_lines(self.text)
        seed = self.address(self.start("seed", "seed", "seed"))
        for name in backends:
            self.start(name, name, "backend", seed)
        arguments = ["--input", self.text, "--output", self.results_file, "--events", self.events_file]
        arguments += ["--expect-backends", len(backends), "--window", self.window, "--rate", self.rate, "--await-removal", 1]
        self.start("frontend", "frontend", "frontend", seed, [str(argument) for argument in arguments])
        for name in [*backends, "frontend"]:
            self.address(self.members[name])

        self.wait_event("half", PATIENCE + len(jobs) / self.rate)
        killed, killed_address = self.members[self.kill], self.addresses[self.kill]
        # Frozen for a moment first, so that it surely dies with unfinished jobs.
        killed.freeze()
        time.sleep(FREEZE)
        killed_at = killed.kill()
        replacement = self.start(f"{self.kill}-2", self.kill, "backend", seed)
        self.address(replacement)

        # The frontend ends by itself: all lines done, the relay back, the dead backend removed.
        self.members["frontend"].wait_end(PATIENCE + len(jobs) / self.rate)
        for name in ["seed", *backends]:
            if name != self.kill:
                self.members[name].wait(f"cluster removed {killed_address}", PATIENCE)
        seconds = time.monotonic() - began
        codes = {name: member.stop() for name, member in reversed(self.members.items()) if member is not killed}
        results = [json.loads(line) for line in self.results_file.read_text(encoding="utf-8").splitlines()]
        return Outcome(jobs, results, self.events(), self.members, killed, killed_address, killed_at, replacement,
                       self.addresses[replacement.name], self.traces, codes, seconds)
