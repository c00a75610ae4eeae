"""Reads OTLP JSON lines and draws one trace as a waterfall."""
import collections
import json

Span = collections.namedtuple("Span", "trace id parent name start end language")


def read_spans(files):
    """Every span of the files; files: {path: language}. A last line that was cut off by a kill is left out."""
    spans = []
    for path, language in files.items():
        lines = path.read_text().split("\n") if path.exists() else []
        for line in lines[:-1]:
            for resource in json.loads(line)["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    spans += [read_span(span, language) for span in scope["spans"]]
    return spans


def read_span(span, language):
    return Span(
        span["traceId"],
        span["spanId"],
        span.get("parentSpanId", ""),
        span["name"],
        int(span["startTimeUnixNano"]),
        int(span["endTimeUnixNano"]),
        language,
    )


def depth_first(spans):
    """The spans with their depths, children after their parents, by time."""
    known = {span.id for span in spans}
    children = collections.defaultdict(list)
    for span in sorted(spans, key=lambda span: span.start):
        children[span.parent if span.parent in known else ""].append(span)

    def walk(parent, depth):
        for span in children.get(parent, []):
            yield depth, span
            yield from walk(span.id, depth + 1)

    return list(walk("", 0))


def draw(spans, width=48):
    """The lines of the drawing."""
    if not spans:
        return ["no spans"]
    begin, end = min(span.start for span in spans), max(span.end for span in spans)
    scale = width / max(end - begin, 1)
    rows = depth_first(spans)
    names = max(len(span.name) + 2 * depth for depth, span in rows)
    languages = max(len(span.language) for span in spans)
    lines = [f"{'':{languages}}  {'':{names}}  0 ms{(end - begin) / 1e6:>{width - 2}.2f} ms"]
    for depth, span in rows:
        first = min(int((span.start - begin) * scale), width - 1)
        length = max(1, min(round((span.end - span.start) * scale), width - first))
        bar = " " * first + "█" * length
        name = "  " * depth + span.name
        took = (span.end - span.start) / 1e6
        lines.append(f"{span.language:{languages}}  {name:{names}}  |{bar:{width}}| {took:8.3f} ms")
    return lines
