"""Signals: what the engine itself tells an actor, as values with fields.

Knows the reserved types and the keys of their payloads. Must never know who handles them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from motet import _native
from motet._codes import Code
from motet.messages import read
from motet.refs import ActorRef


@dataclass(frozen=True, slots=True)
class Signal:
    """What every signal is."""


@dataclass(frozen=True, slots=True)
class Terminated(Signal):
    """A watched actor has stopped, or its node was lost. Who watches must handle it, or fails."""

    ref: ActorRef
    existence_confirmed: bool = True
    address_terminated: bool = False


@dataclass(frozen=True, slots=True)
class PoisonPill(Signal):
    """Stops the actor it is told to when its turn comes."""


@dataclass(frozen=True, slots=True)
class Kill(Signal):
    """Fails the actor it is told to when its turn comes."""


@dataclass(frozen=True, slots=True)
class Identify(Signal):
    """Answered by every actor with ActorIdentity and the same value."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class ActorIdentity(Signal):
    """The answer to Identify: the actor found, None when there is none."""

    ref: ActorRef | None
    value: Any = None


@dataclass(frozen=True, slots=True)
class Failure(Signal):
    """An answer that says that the request failed."""

    code: Code
    error: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter(Signal):
    """What a subscriber to "dead-letters" gets: a message that was not delivered, and why."""

    cause: Code
    type: str = ""
    target: str = ""
    sender: str = ""
    size: int = 0
    #: Where the cause is TOO_LARGE: the largest that is allowed.
    limit: int = 0
    trace: str = ""
    #: The paths of the first who passed it on, and how many did.
    hops: tuple[str, ...] = ()
    passed_on: int = 0


@dataclass(frozen=True, slots=True)
class MailboxHighWater(Signal):
    """What a subscriber to "mailboxes" gets: as many messages wait for an actor as its mailbox calls high water."""

    actor: str
    waiting: int = 0
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class Room(Signal):
    """The answer to ActorRef.when_room: there is room for ref, code OK, or none is to be expected."""

    ref: ActorRef
    code: Code = Code.OK
    error: str = ""


@dataclass(frozen=True, slots=True)
class GetRoutees(Signal):
    """Asks a router for its Routees."""


@dataclass(frozen=True, slots=True)
class Routees(Signal):
    """The answer to GetRoutees."""

    routees: tuple[ActorRef, ...] = ()


@dataclass(frozen=True, slots=True)
class AddRoutee(Signal):
    """Gives a router one more routee; it leaves when it ends."""

    routee: ActorRef


@dataclass(frozen=True, slots=True)
class RemoveRoutee(Signal):
    """Takes a routee from a router; one of a pool's own then ends when it has done what it was sent."""

    routee: ActorRef


@dataclass(frozen=True, slots=True)
class AdjustPoolSize(Signal):
    """Gives a pool more routees, or fewer when change is below 0; at least one stays."""

    change: int


@dataclass(frozen=True, slots=True)
class Broadcast(Signal):
    """Wraps a message for all routees of a router, whatever its logic: motet.Broadcast(motet.PoisonPill())."""

    message: Any


@dataclass(frozen=True, slots=True)
class ConsistentHashableEnvelope(Signal):
    """Wraps a message with the key by which its routee is chosen: a text, bytes or an integer."""

    key: str | bytes | int
    message: Any


@dataclass(frozen=True, slots=True)
class Member:
    """A node of the cluster, as this node sees it."""

    address: str
    uid: int = 0
    status: str = ""
    previous_status: str = ""
    roles: tuple[str, ...] = ()
    up_number: int = 0
    version: str = ""

    def has_role(self, role: str) -> bool:
        return role in self.roles


@dataclass(frozen=True, slots=True)
class ClusterEvent(Signal):
    """What a subscriber to "cluster" gets."""


@dataclass(frozen=True, slots=True)
class ClusterState(ClusterEvent):
    """The members at one moment; the first thing a subscriber gets."""

    members: tuple[Member, ...] = ()
    unreachable: tuple[str, ...] = ()
    leader: str | None = None
    #: The leader among the members with each role.
    role_leaders: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberEvent(ClusterEvent):
    """A change of one member."""

    member: Member


class MemberJoined(MemberEvent):
    """The member has joined and waits to be moved to Up."""


class MemberWeaklyUp(MemberEvent):
    """The member may work though not all members can be reached."""


class MemberUp(MemberEvent):
    """The member is Up."""


class MemberLeft(MemberEvent):
    """The member is about to leave."""


class MemberExited(MemberEvent):
    """The member is leaving; its actors are being stopped."""


class MemberDowned(MemberEvent):
    """The member was declared down."""


class MemberRemoved(MemberEvent):
    """The member is no longer part of the cluster."""


class MemberUnreachable(MemberEvent):
    """The member cannot be reached for now."""


class MemberReachable(MemberEvent):
    """The member can be reached again."""


class MemberPreparingForShutdown(MemberEvent):
    """The whole cluster is to end, and the member knows it."""


class MemberReadyForShutdown(MemberEvent):
    """The whole cluster is to end, and all members know it."""


@dataclass(frozen=True, slots=True)
class LeaderChanged(ClusterEvent):
    """Another member leads now, or none."""

    leader: str | None = None


@dataclass(frozen=True, slots=True)
class RoleLeaderChanged(ClusterEvent):
    """Another member leads among those with a role, or none."""

    role: str
    leader: str | None = None


@dataclass(frozen=True, slots=True)
class ConvergenceBlocked(ClusterEvent):
    """Who has kept the members from agreeing for a while; nobody: they agree again."""

    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterShuttingDown(ClusterEvent):
    """The membership of this node ends."""

    downed: bool = False


@dataclass(frozen=True, slots=True)
class JoinRefused(ClusterEvent):
    """The cluster refused this node."""

    address: str
    code: Code = Code.OK
    error: str = ""


@dataclass(frozen=True, slots=True)
class RemotingEvent(Signal):
    """What a subscriber to "remoting" gets."""

    local: str = ""
    remote: str = ""
    #: The life of the peer; 0 where it is about none.
    uid: int = 0
    inbound: bool = False
    cause: str = ""


class Associated(RemotingEvent):
    """A peer is connected."""


class Disassociated(RemotingEvent):
    """A peer is no longer connected."""


class AssociationError(RemotingEvent):
    """Connecting to a peer failed."""


class Listening(RemotingEvent):
    """This node listens."""


class Quarantined(RemotingEvent):
    """This node talks to that life of a peer no more."""


class ThisSystemQuarantined(RemotingEvent):
    """A peer talks to this life of the node no more."""


class RemotingShutDown(RemotingEvent):
    """This node has stopped listening."""


class RemotingError(RemotingEvent):
    """Something is wrong that concerns no association: bytes that are not understood, a file that cannot be read."""


@dataclass(frozen=True, slots=True)
class PreRestart(Signal):
    """Why an instance is replaced."""

    code: Code = Code.OK
    error: str = ""


class PostRestart(PreRestart):
    """Why the instance before this one was replaced."""


_PLAIN: dict[int, type[Signal]] = {
    _native.TYPE_PRE_RESTART: PreRestart,
    _native.TYPE_POST_RESTART: PostRestart,
    _native.TYPE_FAILURE: Failure,
    _native.TYPE_DEAD_LETTER: DeadLetter,
    _native.TYPE_CLUSTER_STATE: ClusterState,
    _native.TYPE_LEADER_CHANGED: LeaderChanged,
    _native.TYPE_JOIN_REFUSED: JoinRefused,
    _native.TYPE_ROLE_LEADER_CHANGED: RoleLeaderChanged,
    _native.TYPE_CONVERGENCE_BLOCKED: ConvergenceBlocked,
    _native.TYPE_CLUSTER_SHUTTING_DOWN: ClusterShuttingDown,
    _native.TYPE_ASSOCIATED: Associated,
    _native.TYPE_DISASSOCIATED: Disassociated,
    _native.TYPE_ASSOCIATION_ERROR: AssociationError,
    _native.TYPE_LISTENING: Listening,
    _native.TYPE_QUARANTINED: Quarantined,
    _native.TYPE_THIS_SYSTEM_QUARANTINED: ThisSystemQuarantined,
    _native.TYPE_REMOTING_SHUT_DOWN: RemotingShutDown,
    _native.TYPE_REMOTING_ERROR: RemotingError,
    _native.TYPE_MAILBOX_HIGH_WATER: MailboxHighWater,
    _native.TYPE_ROUTEES: Routees,
}

_MEMBER: dict[int, type[MemberEvent]] = {
    _native.TYPE_MEMBER_JOINED: MemberJoined,
    _native.TYPE_MEMBER_WEAKLY_UP: MemberWeaklyUp,
    _native.TYPE_MEMBER_UP: MemberUp,
    _native.TYPE_MEMBER_LEFT: MemberLeft,
    _native.TYPE_MEMBER_EXITED: MemberExited,
    _native.TYPE_MEMBER_DOWNED: MemberDowned,
    _native.TYPE_MEMBER_REMOVED: MemberRemoved,
    _native.TYPE_MEMBER_UNREACHABLE: MemberUnreachable,
    _native.TYPE_MEMBER_REACHABLE: MemberReachable,
    _native.TYPE_MEMBER_PREPARING_FOR_SHUTDOWN: MemberPreparingForShutdown,
    _native.TYPE_MEMBER_READY_FOR_SHUTDOWN: MemberReadyForShutdown,
}


def read_signal(number: int, value: Any, sender: ActorRef | None) -> Signal | None:
    """The signal with a reserved type number; None for one that this version does not know."""
    if number == _native.TYPE_TERMINATED:
        return read(Terminated, {**(value or {}), "ref": sender})
    if number == _native.TYPE_ROOM:
        return read(Room, {**value, "ref": sender})
    if number == _native.TYPE_ACTOR_IDENTITY:
        return ActorIdentity(sender, value)
    if number in _MEMBER:
        return _MEMBER[number](read(Member, value))
    return read(_PLAIN[number], value) if number in _PLAIN else None


def write_signal(message: Any, wrapped: Callable[[Any], dict[str, Any]]) -> tuple[int, Any] | None:
    """Type number and payload of a signal that an actor may send; None for any other message.

    wrapped gives the fields that stand for a message inside another.
    """
    match message:
        case PoisonPill():
            return _native.TYPE_POISON_PILL, None
        case Kill():
            return _native.TYPE_KILL, None
        case Identify():
            return _native.TYPE_IDENTIFY, message.value
        case Failure():
            return _native.TYPE_FAILURE, {"code": int(message.code), "error": message.error}
        case GetRoutees():
            return _native.TYPE_GET_ROUTEES, None
        case AddRoutee():
            return _native.TYPE_ADD_ROUTEE, {"routee": message.routee}
        case RemoveRoutee():
            return _native.TYPE_REMOVE_ROUTEE, {"routee": message.routee}
        case AdjustPoolSize():
            return _native.TYPE_ADJUST_POOL_SIZE, {"change": message.change}
        case Broadcast():
            return _native.TYPE_BROADCAST, wrapped(message.message)
        case ConsistentHashableEnvelope():
            return _native.TYPE_CONSISTENT_HASHABLE_ENVELOPE, {"key": message.key, **wrapped(message.message)}
    return None
