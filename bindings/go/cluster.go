package motet

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"motet/internal/raw"
)

// Member is one node of the cluster, as one node sees it.
type Member struct {
	Address        string   `msgpack:"address"`
	UID            uint64   `msgpack:"uid"`
	Status         string   `msgpack:"status"`
	PreviousStatus string   `msgpack:"previous_status"`
	Roles          []string `msgpack:"roles"`
	UpNumber       int64    `msgpack:"up_number"`
	Version        string   `msgpack:"version"`
}

// HasRole tells whether the member has a role.
func (m Member) HasRole(role string) bool {
	for _, own := range m.Roles {
		if own == role {
			return true
		}
	}
	return false
}

// ClusterEvent is what a subscriber to "cluster" receives: first a ClusterState, then one value for each change.
type ClusterEvent interface{ clusterEvent() }

// ClusterState is the membership at one moment.
type ClusterState struct {
	Members     []Member `msgpack:"members"`
	Unreachable []string `msgpack:"unreachable"`
	Leader      string   `msgpack:"leader"`
	// RoleLeaders are the leaders among the members with each role.
	RoleLeaders map[string]string `msgpack:"role_leaders"`
}

// Suspicion is what an observer says of a member from which it has heard nothing. One alone makes nobody unreachable.
type Suspicion struct {
	Observer, Subject, Reason string
}

// What happened to a member.
type (
	MemberJoined      struct{ Member }
	MemberWeaklyUp    struct{ Member }
	MemberUp          struct{ Member }
	MemberLeft        struct{ Member }
	MemberExited      struct{ Member }
	MemberDowned      struct{ Member }
	MemberRemoved     struct{ Member }
	MemberUnreachable struct{ Member }
	MemberReachable   struct{ Member }

	MemberPreparingForShutdown struct{ Member }
	MemberReadyForShutdown     struct{ Member }
)

// RoleLeaderChanged tells the address of the new leader among the members with a role, "" for none.
type RoleLeaderChanged struct {
	Role   string `msgpack:"role"`
	Leader string `msgpack:"leader"`
}

// ConvergenceBlocked names those who have kept the members from agreeing for a while; nobody: they agree again.
type ConvergenceBlocked struct {
	Members []string `msgpack:"members"`
}

// ClusterShuttingDown tells that the membership of this node ends.
type ClusterShuttingDown struct {
	Downed bool `msgpack:"downed"`
}

// LeaderChanged tells the address of the new leader, "" for none.
type LeaderChanged struct {
	Leader string `msgpack:"leader"`
}

// JoinRefused tells that a cluster did not let this node in, and why.
type JoinRefused struct {
	Address string `msgpack:"address"`
	Code    Code   `msgpack:"code"`
	Message string `msgpack:"error"`
}

func (ClusterState) clusterEvent()      {}
func (MemberJoined) clusterEvent()      {}
func (MemberWeaklyUp) clusterEvent()    {}
func (MemberUp) clusterEvent()          {}
func (MemberLeft) clusterEvent()        {}
func (MemberExited) clusterEvent()      {}
func (MemberDowned) clusterEvent()      {}
func (MemberRemoved) clusterEvent()     {}
func (MemberUnreachable) clusterEvent() {}
func (MemberReachable) clusterEvent()   {}
func (LeaderChanged) clusterEvent()     {}
func (JoinRefused) clusterEvent()       {}

func (MemberPreparingForShutdown) clusterEvent() {}
func (MemberReadyForShutdown) clusterEvent()     {}
func (RoleLeaderChanged) clusterEvent()          {}
func (ConvergenceBlocked) clusterEvent()         {}
func (ClusterShuttingDown) clusterEvent()        {}

// Cluster is the membership of a system's node.
type Cluster struct{ system *System }

// Join joins the cluster of the node at an address; the own address starts a new cluster. How it ends is told by events.
func (c Cluster) Join(address string) error {
	return takeError(raw.Cluster_join(c.system.handle, address))
}

// JoinSeeds joins through seed nodes: the first that answers lets this node in.
func (c Cluster) JoinSeeds(seeds ...string) error {
	return takeError(raw.Cluster_join_seeds(c.system.handle, strings.Join(seeds, ",")))
}

// PrepareForFullShutdown prepares the end of the whole cluster: nobody joins or becomes Up any more.
func (c Cluster) PrepareForFullShutdown() error {
	return takeError(raw.Cluster_prepare_for_full_shutdown(c.system.handle))
}

// Leave has a member leave in good order; "" is this node.
func (c Cluster) Leave(address string) error {
	return takeError(raw.Cluster_leave(c.system.handle, address))
}

// Down declares a member down: it is removed as soon as the others agree.
func (c Cluster) Down(address string) error {
	return takeError(raw.Cluster_down(c.system.handle, address))
}

// State gives the membership as this node sees it now.
func (c Cluster) State() (ClusterState, error) {
	var handle uintptr
	if err := takeError(raw.Cluster_state(c.system.handle, &handle)); err != nil {
		return ClusterState{}, err
	}
	defer raw.Cluster_state_free(handle)
	state := ClusterState{Leader: raw.Cluster_state_leader(handle), RoleLeaders: map[string]string{}}
	for i := int64(0); i < raw.Cluster_state_size(handle); i++ {
		m := Member{
			Address: raw.Cluster_state_address(handle, i),
			UID:     raw.Cluster_state_uid(handle, i),
			Status:  raw.Cluster_state_status(handle, i),

			UpNumber: raw.Cluster_state_up_number(handle, i),
			Version:  raw.Cluster_state_version(handle, i),
		}
		if roles := raw.Cluster_state_roles(handle, i); roles != "" {
			m.Roles = strings.Split(roles, ",")
		}
		for _, role := range m.Roles {
			if leader := raw.Cluster_state_role_leader(handle, role); leader != "" {
				state.RoleLeaders[role] = leader
			}
		}
		if raw.Cluster_state_reachable(handle, i) == 0 {
			state.Unreachable = append(state.Unreachable, m.Address)
		}
		state.Members = append(state.Members, m)
	}
	return state, nil
}

// Suspicions tells who has heard nothing from whom at present, and for how long.
func (c Cluster) Suspicions() ([]Suspicion, error) {
	var handle uintptr
	if err := takeError(raw.Cluster_state(c.system.handle, &handle)); err != nil {
		return nil, err
	}
	defer raw.Cluster_state_free(handle)
	var suspicions []Suspicion
	for i := int64(0); i < raw.Cluster_state_suspicions(handle); i++ {
		suspicions = append(suspicions, Suspicion{
			Observer: raw.Cluster_state_suspicion_observer(handle, i),
			Subject:  raw.Cluster_state_suspicion_subject(handle, i),
			Reason:   raw.Cluster_state_suspicion_reason(handle, i),
		})
	}
	return suspicions, nil
}

// Snapshot gives everything that this node knows of its cluster as JSON, as motet_cluster_state_json() describes it.
func (c Cluster) Snapshot() (json.RawMessage, error) {
	var handle uintptr
	if err := takeError(raw.Cluster_state(c.system.handle, &handle)); err != nil {
		return nil, err
	}
	defer raw.Cluster_state_free(handle)
	return json.RawMessage(raw.Cluster_state_json(handle)), nil
}

// Members gives the members as this node sees them now, in the order of their addresses.
func (c Cluster) Members() ([]Member, error) {
	state, err := c.State()
	return state.Members, err
}

// Subscribe gives a channel of events, with room for so many: first a ClusterState, then each change. The channel is
// closed when ctx ends or the system closes. A reader that stops reading holds up nobody else; once the channel and the
// subscription's mailbox are full, further events become dead letters.
func (c Cluster) Subscribe(ctx context.Context, buffer int) (<-chan ClusterEvent, error) {
	return c.subscribe(ctx, buffer, raw.INITIAL_STATE_AS_SNAPSHOT)
}

// SubscribeAsEvents is Subscribe with a state that comes as events too, those that lead to it.
func (c Cluster) SubscribeAsEvents(ctx context.Context, buffer int) (<-chan ClusterEvent, error) {
	return c.subscribe(ctx, buffer, raw.INITIAL_STATE_AS_EVENTS)
}

func (c Cluster) subscribe(ctx context.Context, buffer int, initial int) (<-chan ClusterEvent, error) {
	subscription := &subscription{ctx: ctx, events: make(chan ClusterEvent, buffer)}
	subscriber, err := c.system.Spawn(Props{New: func() Actor { return subscription }}, "")
	if err != nil {
		return nil, err
	}
	// Nobody else has this ref: it need not be held.
	if err := takeError(raw.Cluster_subscribe(c.system.handle, subscriber.handle, initial)); err != nil {
		_ = subscriber.Stop()
		return nil, err
	}
	go func() {
		defer subscriber.Close()
		select {
		case <-ctx.Done():
			_ = subscriber.Stop()
		case <-c.system.done:
		}
		// The actor may never have begun, or was cut off: then it has no hook that would do it.
		_ = subscription.PostStop(nil)
	}()
	return subscription.events, nil
}

// subscription is the actor behind a channel of events.
type subscription struct {
	ctx    context.Context
	events chan ClusterEvent
	mutex  sync.Mutex
	ended  bool
}

func (s *subscription) Receive(ctx *Context, message any) error {
	event, ok := message.(ClusterEvent)
	if !ok {
		return ErrUnhandled
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.ended {
		return nil
	}
	select {
	case s.events <- event:
	case <-s.ctx.Done():
	case <-ctx.Done():
	}
	return nil
}

func (s *subscription) PostStop(*Context) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.ended {
		s.ended = true
		close(s.events)
	}
	return nil
}

// OnUp has a function called once when this node is Up, at once if it is.
func (c Cluster) OnUp(call func()) error {
	uid := c.system.UID()
	ctx, cancel := context.WithCancel(context.Background())
	events, err := c.SubscribeAsEvents(ctx, 16)
	if err != nil {
		cancel()
		return err
	}
	go func() {
		defer cancel()
		for event := range events {
			if up, ok := event.(MemberUp); ok && up.UID == uid {
				call()
				return
			}
		}
	}()
	return nil
}

// OnRemoved has a function called once when this node is removed from its cluster, or its system has ended; at once if
// it has.
func (c Cluster) OnRemoved(call func()) error {
	uid := c.system.UID()
	ctx, cancel := context.WithCancel(context.Background())
	events, err := c.SubscribeAsEvents(ctx, 16)
	if err != nil && !isClosed(err) {
		cancel()
		return err
	}
	go func() {
		defer cancel()
		if err == nil {
			for event := range events {
				if removed, ok := event.(MemberRemoved); ok && removed.UID == uid {
					break
				}
			}
		}
		call()
	}()
	return nil
}

// WaitUp waits until this node is Up. It fails when ctx ends first, when the cluster refuses the node, and when the
// system closes.
func (c Cluster) WaitUp(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := c.Subscribe(ctx, 16)
	if err != nil {
		return err
	}
	own := c.system.Address()
	for event := range events {
		switch event := event.(type) {
		case ClusterState:
			for _, m := range event.Members {
				if m.Address == own && m.Status == "up" {
					return nil
				}
			}
		case MemberUp:
			if event.Address == own {
				return nil
			}
		case JoinRefused:
			return &Error{Code: CodeJoinRefused, Message: event.Message}
		}
	}
	if err := ctx.Err(); err == context.DeadlineExceeded {
		return &Error{Code: CodeTimeout, Message: own + " was not Up in time"}
	} else if err != nil {
		return err
	}
	return &Error{Code: CodeClosed, Message: "the system closed before " + own + " was Up"}
}
