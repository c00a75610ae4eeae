package motet

import (
	"reflect"

	"motet/internal/raw"
)

// Terminated tells a watcher that a watched actor has stopped, or that its node was lost. An actor that watches must
// handle it, or fails.
type Terminated struct {
	Ref *Ref `msgpack:"-"`
	// ExistenceConfirmed is false when nobody ever saw the actor.
	ExistenceConfirmed bool `msgpack:"existence_confirmed"`
	// AddressTerminated is true when not the actor but its node was lost.
	AddressTerminated bool `msgpack:"address_terminated"`
}

// PoisonPill stops an actor when its turn comes.
type PoisonPill struct{}

// Kill makes an actor fail when its turn comes.
type Kill struct{}

// Identify asks any actor, or all of a selection, for an ActorIdentity with the same ID.
type Identify struct{ ID any }

// ActorIdentity answers Identify. Ref is nil when there is no such actor.
type ActorIdentity struct {
	ID  any
	Ref *Ref
}

// DeadLetter is what a subscriber to "dead-letters" receives of a message that was not delivered.
type DeadLetter struct {
	Cause  Code   `msgpack:"cause"`
	Type   string `msgpack:"type"`
	Target string `msgpack:"target"`
	Sender string `msgpack:"sender"`
	Size   int64  `msgpack:"size"`
	// Limit is the largest size that is allowed, where the cause is CodeTooLarge.
	Limit int64  `msgpack:"limit"`
	Trace string `msgpack:"trace"`
	// Hops are the paths of the first who passed the message on, PassedOn is how many did.
	Hops     []string `msgpack:"hops"`
	PassedOn int64    `msgpack:"passed_on"`
}

// MailboxHighWater is what a subscriber to "mailboxes" receives when as many messages wait for an actor as its mailbox
// calls high water.
type MailboxHighWater struct {
	Actor    string `msgpack:"actor"`
	Waiting  int64  `msgpack:"waiting"`
	Capacity int64  `msgpack:"capacity"`
}

// Room is the answer to Ref.WhenRoom: there is room for the messages to Ref, Code is 0, or none is to be expected.
type Room struct {
	Ref     *Ref   `msgpack:"-"`
	Code    Code   `msgpack:"code"`
	Message string `msgpack:"error"`
}

// RemotingEvent is what a subscriber to "remoting" receives. Kind is "associated", "disassociated", ...
type RemotingEvent struct {
	Kind   string `msgpack:"-"`
	Local  string `msgpack:"local"`
	Remote string `msgpack:"remote"`
	// UID is the life of the peer, 0 where it is about none.
	UID     uint64 `msgpack:"uid"`
	Inbound bool   `msgpack:"inbound"`
	Cause   string `msgpack:"cause"`
}

// failure is the payload of a reply that says that the request failed, and of the signals of a restart.
type failure struct {
	Code    Code   `msgpack:"code"`
	Message string `msgpack:"error"`
}

// signal makes the value that a handler receives of a message that the engine itself sent.
type signal func(s *System, from origin, data []byte) (any, error)

// read makes a signal whose payload is a map, and which needs nothing but that.
func read[T any](finish func(value *T, from origin) any) signal {
	loose := holdsInterface(reflect.TypeOf((*T)(nil)).Elem(), map[reflect.Type]bool{})
	return func(s *System, from origin, data []byte) (any, error) {
		value := new(T)
		err := s.decodePayload(data, reflect.ValueOf(value), loose)
		return finish(value, from), err
	}
}

func member(wrap func(Member) any) signal {
	return read(func(value *Member, _ origin) any { return wrap(*value) })
}

func remoting(kind string) signal {
	return read(func(value *RemotingEvent, _ origin) any {
		value.Kind = kind
		return *value
	})
}

var signals = map[int]signal{
	raw.TYPE_TERMINATED: read(func(value *Terminated, from origin) any {
		value.Ref = from.Sender()
		return *value
	}),
	raw.TYPE_ACTOR_IDENTITY: read(func(id *any, from origin) any { return ActorIdentity{ID: *id, Ref: from.Sender()} }),
	raw.TYPE_FAILURE:        read(func(value *failure, _ origin) any { return &Error{Code: value.Code, Message: value.Message} }),
	raw.TYPE_DEAD_LETTER:    read(func(value *DeadLetter, _ origin) any { return *value }),
	raw.TYPE_ROUTEES:        read(func(value *Routees, _ origin) any { return *value }),

	raw.TYPE_MAILBOX_HIGH_WATER: read(func(value *MailboxHighWater, _ origin) any { return *value }),
	raw.TYPE_ROOM: read(func(value *Room, from origin) any {
		value.Ref = from.Sender()
		return *value
	}),

	raw.TYPE_CLUSTER_STATE:      read(func(value *ClusterState, _ origin) any { return *value }),
	raw.TYPE_MEMBER_JOINED:      member(func(m Member) any { return MemberJoined{m} }),
	raw.TYPE_MEMBER_WEAKLY_UP:   member(func(m Member) any { return MemberWeaklyUp{m} }),
	raw.TYPE_MEMBER_UP:          member(func(m Member) any { return MemberUp{m} }),
	raw.TYPE_MEMBER_LEFT:        member(func(m Member) any { return MemberLeft{m} }),
	raw.TYPE_MEMBER_EXITED:      member(func(m Member) any { return MemberExited{m} }),
	raw.TYPE_MEMBER_DOWNED:      member(func(m Member) any { return MemberDowned{m} }),
	raw.TYPE_MEMBER_REMOVED:     member(func(m Member) any { return MemberRemoved{m} }),
	raw.TYPE_MEMBER_UNREACHABLE: member(func(m Member) any { return MemberUnreachable{m} }),
	raw.TYPE_MEMBER_REACHABLE:   member(func(m Member) any { return MemberReachable{m} }),
	raw.TYPE_LEADER_CHANGED:     read(func(value *LeaderChanged, _ origin) any { return *value }),
	raw.TYPE_JOIN_REFUSED:       read(func(value *JoinRefused, _ origin) any { return *value }),

	raw.TYPE_MEMBER_PREPARING_FOR_SHUTDOWN: member(func(m Member) any { return MemberPreparingForShutdown{m} }),
	raw.TYPE_MEMBER_READY_FOR_SHUTDOWN:     member(func(m Member) any { return MemberReadyForShutdown{m} }),
	raw.TYPE_ROLE_LEADER_CHANGED:           read(func(value *RoleLeaderChanged, _ origin) any { return *value }),
	raw.TYPE_CONVERGENCE_BLOCKED:           read(func(value *ConvergenceBlocked, _ origin) any { return *value }),
	raw.TYPE_CLUSTER_SHUTTING_DOWN:         read(func(value *ClusterShuttingDown, _ origin) any { return *value }),

	raw.TYPE_ASSOCIATED:              remoting("associated"),
	raw.TYPE_DISASSOCIATED:           remoting("disassociated"),
	raw.TYPE_ASSOCIATION_ERROR:       remoting("association-error"),
	raw.TYPE_LISTENING:               remoting("listening"),
	raw.TYPE_QUARANTINED:             remoting("quarantined"),
	raw.TYPE_THIS_SYSTEM_QUARANTINED: remoting("this-system-quarantined"),
	raw.TYPE_REMOTING_SHUT_DOWN:      remoting("remoting-shut-down"),
	raw.TYPE_REMOTING_ERROR:          remoting("remoting-error"),
}
