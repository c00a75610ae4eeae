package dev.motet;

/** What the engine itself tells an actor. A signal that an actor does not handle is ignored, but for {@link Terminated}. */
public sealed interface Signal
        permits Terminated,
                Failure,
                ActorIdentity,
                DeadLetter,
                MailboxHighWater,
                Room,
                Routees,
                ClusterEvent,
                RemotingEvent {}
