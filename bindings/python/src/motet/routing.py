"""Routing: what decides which routee of a router gets a message, and how many routees a pool has.

Knows the properties of motet/router.h. Must never know routees.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Logic:
    """What every logic is."""

    name: ClassVar[str]

    def settings(self) -> dict[str, str]:
        """The properties beside "router" that describe it."""
        return {f"router.{key}": value for key, value in _fields(self)}


@dataclass(frozen=True, slots=True)
class RoundRobin(Logic):
    """Each in turn."""

    name = "round-robin"


@dataclass(frozen=True, slots=True)
class Random(Logic):
    """Any."""

    name = "random"


@dataclass(frozen=True, slots=True)
class SmallestMailbox(Logic):
    """The one with the least to do."""

    name = "smallest-mailbox"


@dataclass(frozen=True, slots=True)
class Balancing(Logic):
    """Whoever has nothing to do: all routees of a pool share one mailbox. Not for groups."""

    name = "balancing"


@dataclass(frozen=True, slots=True)
class Broadcast(Logic):
    """All of them."""

    name = "broadcast"


@dataclass(frozen=True, slots=True)
class ScatterGather(Logic):
    """All; the first answer goes to who asked, whose ask fails when there is none within so many seconds."""

    name = "scatter-gather"
    within: float = dataclasses.field(default=5.0, metadata={"unit": "seconds"})


@dataclass(frozen=True, slots=True)
class TailChopping(Logic):
    """Any one, then one more after each interval, in seconds, until one answers; otherwise like ScatterGather."""

    name = "tail-chopping"
    within: float = dataclasses.field(default=5.0, metadata={"unit": "seconds"})
    interval: float = dataclasses.field(default=0.01, metadata={"unit": "seconds"})


@dataclass(frozen=True, slots=True)
class ConsistentHashing(Logic):
    """The one to whom the message's key belongs: the field of that name, or what a ConsistentHashableEnvelope says."""

    name = "consistent-hashing"
    hash_key: str | None = None
    virtual_nodes_factor: int = 10


@dataclass(frozen=True, slots=True)
class Resizer:
    """What every resizer is: what changes the number of a pool's routees, within bounds."""

    name: ClassVar[str]

    def settings(self) -> dict[str, str]:
        """The properties that describe it."""
        own = {f"router.resizer.{key}": value for key, value in _fields(self)}
        return {"router.resizer": self.name, **own}


@dataclass(frozen=True, slots=True)
class Pressure(Resizer):
    """A pool that grows when all of its routees are busy and shrinks when few are."""

    name = "pressure"
    lower_bound: int = 1
    upper_bound: int = 10
    #: When a routee is busy: 0 when it runs, 1 when one more waits, n when n wait.
    pressure_threshold: int = 1
    rampup_rate: float = 0.2
    backoff_threshold: float = 0.3
    backoff_rate: float = 0.1
    messages_per_resize: int = 10


@dataclass(frozen=True, slots=True)
class OptimalSizeExploring(Resizer):
    """A pool that looks for the size with which it gets most done. More can be set by key: see motet/router.h."""

    name = "optimal-size-exploring"
    lower_bound: int = 1
    upper_bound: int = 10
    #: Seconds between two changes.
    action_interval: float = dataclasses.field(default=5.0, metadata={"unit": "seconds"})


def _fields(value: Logic | Resizer) -> Iterator[tuple[str, str]]:
    for field in dataclasses.fields(value):
        set_to = getattr(value, field.name)
        if set_to is not None:
            text = f"{round(set_to * 1e9)}ns" if field.metadata.get("unit") == "seconds" else str(set_to)
            yield field.name.replace("_", "-"), text
