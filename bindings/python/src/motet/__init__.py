"""Motet: actors that form a cluster, in Python as in C, C++, Java and Go."""

from motet import _native

if _native.version_abi() != _native.ABI_VERSION:
    raise ImportError(
        f"motet was built for ABI {_native.ABI_VERSION} ({_native.VERSION_STRING}), "
        f"but libmotet has ABI {_native.version_abi()} ({_native.version_string()})"
    )

from motet._codes import Code
from motet.actor import UNHANDLED, Actor, Props, handles
from motet.cluster import Cluster, Suspicion
from motet.codecs import Codec, register_codec
from motet.config import settings_of
from motet.context import Context
from motet.errors import ClosedError, Error, FailedError, InvalidError, TimeoutError
from motet.keys import create_keys
from motet.messages import Message, message
from motet.refs import ActorRef
from motet.shutdown import Shutdown, ShutdownReason, ShutdownTask
from motet.signals import (
    ActorIdentity,
    Associated,
    AssociationError,
    ClusterEvent,
    ClusterShuttingDown,
    ClusterState,
    ConvergenceBlocked,
    DeadLetter,
    Disassociated,
    Failure,
    Identify,
    JoinRefused,
    Kill,
    LeaderChanged,
    Listening,
    MailboxHighWater,
    Member,
    MemberDowned,
    MemberEvent,
    MemberExited,
    MemberJoined,
    MemberLeft,
    MemberPreparingForShutdown,
    MemberReachable,
    MemberReadyForShutdown,
    MemberRemoved,
    MemberUnreachable,
    MemberUp,
    MemberWeaklyUp,
    PoisonPill,
    PostRestart,
    PreRestart,
    Quarantined,
    RemotingError,
    RemotingEvent,
    RemotingShutDown,
    RoleLeaderChanged,
    Room,
    Signal,
    Terminated,
    ThisSystemQuarantined,
)
from motet.system import Peer, System
from motet.trace import Span, current_traceparent

__version__ = _native.VERSION_STRING

__all__ = [
    "Actor",
    "ActorIdentity",
    "ActorRef",
    "Associated",
    "AssociationError",
    "ClosedError",
    "Cluster",
    "ClusterEvent",
    "ClusterShuttingDown",
    "ClusterState",
    "Code",
    "Codec",
    "Context",
    "ConvergenceBlocked",
    "DeadLetter",
    "Disassociated",
    "Error",
    "FailedError",
    "Failure",
    "Identify",
    "InvalidError",
    "JoinRefused",
    "Kill",
    "LeaderChanged",
    "Listening",
    "MailboxHighWater",
    "Member",
    "MemberDowned",
    "MemberEvent",
    "MemberExited",
    "MemberJoined",
    "MemberLeft",
    "MemberPreparingForShutdown",
    "MemberReachable",
    "MemberReadyForShutdown",
    "MemberRemoved",
    "MemberUnreachable",
    "MemberUp",
    "MemberWeaklyUp",
    "Message",
    "Peer",
    "PoisonPill",
    "PostRestart",
    "PreRestart",
    "Props",
    "Quarantined",
    "RemotingError",
    "RemotingEvent",
    "RemotingShutDown",
    "RoleLeaderChanged",
    "Room",
    "Shutdown",
    "ShutdownReason",
    "ShutdownTask",
    "Signal",
    "Span",
    "Suspicion",
    "System",
    "Terminated",
    "ThisSystemQuarantined",
    "TimeoutError",
    "UNHANDLED",
    "create_keys",
    "current_traceparent",
    "handles",
    "message",
    "register_codec",
    "settings_of",
]
