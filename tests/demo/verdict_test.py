"""The demo's verdict against made-up outcomes: it must pass a good one, and name what is wrong with each bad one."""
import dataclasses
import json
import pathlib
import sys
import tempfile
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/demo"))

import waterfall  # noqa: E402
from scenario import Outcome  # noqa: E402
from verdict import failures, report  # noqa: E402

GO, CPP, NEW = (f"motet.tcp://Demo@127.0.0.1:{port}" for port in (1, 2, 3))
TRACE = "0af7651916cd43dd8448eb211c80319c"


def member(*lines):
    found = [(100.0 + index, line) for index, line in enumerate(lines)]
    find = lambda prefix: next((line for line in found if line[1].startswith(prefix)), None)  # noqa: E731
    return types.SimpleNamespace(language="go", find=find, tail=lambda: "its log is empty")


def span(trace, identity, parent, language, start, end):
    return {"traceId": trace, "spanId": identity, "parentSpanId": parent, "name": language,
            "startTimeUnixNano": str(start), "endTimeUnixNano": str(end)}


class Verdict(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        seen = [f"cluster unreachable {GO}", f"cluster removed {GO}"]
        self.members = {"seed": member(*seen), "go": member(), "cpp": member(*seen), "go-2": member()}
        self.outcome = Outcome(
            text=["straße", "ærø", "ωμέγα"],
            results=[
                {"id": 0, "language": "go", "backend": GO, "text": "STRASSE"},
                {"id": 2, "language": "go", "backend": NEW, "text": "ΩΜΈΓΑ"},
                {"id": 1, "language": "cpp", "backend": CPP, "text": "ÆRØ"},
            ],
            events=[
                {"time": 90.0, "event": "started"},
                {"time": 90.0, "event": "registered", "language": "go", "address": GO},
                {"time": 90.1, "event": "registered", "language": "cpp", "address": CPP},
                {"time": 101.5, "event": "registered", "language": "go", "address": NEW},
                {"time": 102.0, "event": "terminated", "language": "go", "address": GO},
                {"time": 102.1, "event": "resent", "language": "go", "address": GO, "ids": [2]},
                {"time": 103.0, "event": "finished"},
                {"time": 103.1, "event": "relay", "trace": TRACE},
            ],
            members=self.members,
            killed=self.members["go"],
            killed_address=GO,
            killed_at=99.0,
            replacement=self.members["go-2"],
            replacement_address=NEW,
            traces={},
            exit_codes={"seed": 0, "cpp": -15, "go-2": 143},
            seconds=13.0,
        )
        self.trace(("c", "", 0, 100), ("cpp", "c", 10, 40), ("go", "cpp", 50, 90))

    def trace(self, *spans):
        self.outcome.traces = {}
        for language, parent, start, end in spans:
            path = self.folder / f"{language}.jsonl"
            line = {"resourceSpans": [{"scopeSpans": [{"spans": [span(TRACE, language, parent, language, start, end)]}]}]}
            path.write_text(json.dumps(line) + '\n{"resourceSpans": [{"cut off by a ki')
            self.outcome.traces[path] = language

    def assert_fails(self, *expected):
        found = failures(self.outcome)
        self.assertEqual(len(found), len(expected), found)
        for text, part in zip(found, expected):
            self.assertIn(part, text)

    def change(self, **fields):
        self.outcome = dataclasses.replace(self.outcome, **fields)

    def without(self, event):
        self.change(events=[each for each in self.outcome.events if each["event"] != event])

    def test_a_good_outcome_passes_and_is_told_in_full(self):
        self.assert_fails()
        text = "\n".join(report(self.outcome))
        for part in ("Lines of the text: 3; results: 3 in 13.0 s.", "killed half-way", "started after the kill",
                     "+0.000 s  SIGKILL", "+1.000 s  detected (cpp's view)", "+2.000 s  removed (seed's view)",
                     "+3.000 s  the frontend received Terminated", "+3.100 s  1 unfinished jobs", TRACE):
            self.assertIn(part, text)

    def test_a_line_that_is_missing_or_done_twice_or_wrong(self):
        results = self.outcome.results
        self.change(results=[*results[:2], {**results[2], "id": 0}])
        self.assert_fails("line 1 has 2 results", "line 2 has 0 results", "expected 'STRASSE'")
        self.change(results=[*results, {**results[2], "id": 3}])
        self.assert_fails("line 4, which does not exist")
        self.change(results=[results[0], {**results[1], "text": "ΩΜΕΓΑ"}, results[2]])
        self.assert_fails("line 3 from go: got 'ΩΜΕΓΑ', expected 'ΩΜΈΓΑ'")

    def test_a_backend_without_work(self):
        results = self.outcome.results
        self.change(results=[results[0], {**results[1], "backend": CPP}, results[2]])
        self.assert_fails(f"the go backend {NEW} did no line", f"the new backend {NEW} took no share")

    def test_a_death_that_was_not_noticed(self):
        self.without("terminated")
        self.assert_fails("never reached the frontend")
        self.without("resent")
        self.assert_fails("never reached the frontend", "no unfinished job")
        self.members["cpp"].find = lambda prefix: None
        self.assert_fails("never reached", "no unfinished", "cpp never saw", "cpp never saw")

    def test_a_trace_that_is_broken_or_too_short(self):
        self.trace(("c", "", 0, 100), ("cpp", "c", 10, 40))
        self.assert_fails("crossed 2 languages (c, cpp), not 3")
        self.trace(("c", "", 0, 100), ("cpp", "c", 10, 40), ("go", "lost", 50, 90))
        self.assert_fails("has 2 spans without a parent")
        self.without("relay")
        self.assert_fails("crossed 0 languages", "has 0 spans")

    def test_a_program_that_crashed(self):
        self.change(exit_codes={"cpp": -11})
        self.assert_fails("cpp ended with code -11")

    def test_the_waterfall_shows_depth_and_time(self):
        lines = waterfall.draw(waterfall.read_spans(self.outcome.traces), width=10)
        self.assertEqual(lines[1], "c    c       |██████████|    0.000 ms")
        self.assertEqual(lines[2], "cpp    cpp   | ███      |    0.000 ms")
        self.assertEqual(lines[3], "go       go  |     ████ |    0.000 ms")


if __name__ == "__main__":
    unittest.main()
