"""What must hold at the end, and what is printed about it."""
import collections

import waterfall
from scenario import FREEZE


def of_event(outcome, name):
    return [event for event in outcome.events if event["event"] == name]


def wrong_results(outcome):
    """Every line once, and in upper case: compared with Python's own str.upper(), which knows nothing of the cluster."""
    times = collections.Counter(result["id"] for result in outcome.results)
    for number, line in enumerate(outcome.text):
        if times[number] != 1:
            yield f"line {number + 1} has {times[number]} results"
    for unknown in times.keys() - set(range(len(outcome.text))):
        yield f"there is a result for line {unknown + 1}, which does not exist"
    for result in outcome.results:
        expected = outcome.text[result["id"]].upper() if result["id"] < len(outcome.text) else None
        if expected is not None and result["text"] != expected:
            yield f"line {result['id'] + 1} from {result['language']}: got {result['text']!r}, expected {expected!r}"


def shares(outcome):
    """How many lines each backend did, by its address."""
    return collections.Counter(result["backend"] for result in outcome.results)


def missing_shares(outcome):
    done = shares(outcome)
    for event in of_event(outcome, "registered"):
        if done[event["address"]] == 0:
            yield f"the {event['language']} backend {event['address']} did no line"
    if outcome.replacement_address not in done:
        yield f"the new backend {outcome.replacement_address} took no share"


def missing_reactions(outcome):
    """The kill must have been noticed, told, answered and seen by every member."""
    address = outcome.killed_address
    if not any(event["address"] == address for event in of_event(outcome, "terminated")):
        yield f"Terminated of {address} never reached the frontend"
    if not any(event["address"] == address and event["ids"] for event in of_event(outcome, "resent")):
        yield f"no unfinished job of {address} was sent elsewhere"
    for name, member in outcome.members.items():
        if member in (outcome.killed, outcome.replacement):
            continue
        for step in ("unreachable", "removed"):
            if not member.find(f"cluster {step} {address}"):
                yield f"{name} never saw {address} {step}"


def relay_spans(outcome):
    """The spans of the one job that was handed from backend to backend."""
    relay = of_event(outcome, "relay")
    return [span for span in waterfall.read_spans(outcome.traces) if relay and span.trace == relay[0]["trace"]]


def broken_trace(outcome):
    spans = relay_spans(outcome)
    languages, ids = {span.language for span in spans}, {span.id for span in spans}
    roots = [span for span in spans if span.parent not in ids]
    if len(languages) < 3:
        yield f"the relayed job's trace crossed {len(languages)} languages ({', '.join(sorted(languages))}), not 3"
    if len(roots) != 1 or roots[0].parent:
        yield f"the relayed job's trace has {len(roots)} spans without a parent, not the one root"


def bad_ends(outcome):
    for name, code in outcome.exit_codes.items():
        if code not in (0, 143, -15):
            yield f"{name} ended with code {code}; {outcome.members[name].tail()}"


def failures(outcome):
    return [
        text
        for check in (wrong_results, missing_shares, missing_reactions, broken_trace, bad_ends)
        for text in check(outcome)
    ]


def table(rows):
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(f"{str(cell):{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]


def jobs_table(outcome):
    done, rows = shares(outcome), [("language", "backend", "lines", "")]
    for event in of_event(outcome, "registered"):
        note = {outcome.killed_address: "killed half-way", outcome.replacement_address: "started after the kill"}
        rows.append((event["language"], event["address"], done[event["address"]], note.get(event["address"], "")))
    rows.append(("together", "", sum(done.values()), ""))
    return table(rows)


def kill_table(outcome):
    """What happened around the kill, in order, with seconds after it."""
    address, found = outcome.killed_address, []
    found.append((outcome.killed_at, f"SIGKILL to the {outcome.killed.language} backend {address}, after it was frozen for {FREEZE} s"))
    found += [(event["time"], f"the frontend received Terminated of {address}")
              for event in of_event(outcome, "terminated") if event["address"] == address]
    found += [(event["time"], f"{len(event['ids'])} unfinished jobs of it were sent elsewhere")
              for event in of_event(outcome, "resent") if event["address"] == address]
    found += [(event["time"], f"the new {event['language']} backend {event['address']} registered")
              for event in of_event(outcome, "registered") if event["address"] == outcome.replacement_address]
    found += [(event["time"], "the last line was done") for event in of_event(outcome, "finished")]
    for step, word in (("unreachable", "detected"), ("downed", "downed"), ("removed", "removed")):
        for name, member in outcome.members.items():
            seen = member.find(f"cluster {step} {address}")
            if seen:
                found.append((seen[0], f"{word} ({name}'s view)"))
    return table([(f"{when - outcome.killed_at:+8.3f} s", what) for when, what in sorted(found)])


def report(outcome):
    """Everything worth showing, as lines."""
    done = sum(shares(outcome).values())
    seconds = of_event(outcome, "finished")[0]["time"] - of_event(outcome, "started")[0]["time"]
    spans = relay_spans(outcome)
    lines = [f"Lines of the text: {len(outcome.text)}; results: {done} in {seconds:.1f} s.", "", "Jobs by language"]
    lines += [*jobs_table(outcome), "", "Around the kill", *kill_table(outcome), ""]
    lines += [f"One job relayed through every backend: trace {spans[0].trace if spans else '(none)'}"]
    return lines + ["  " + line for line in waterfall.draw(spans)] + [""]
