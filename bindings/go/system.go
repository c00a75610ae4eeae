package motet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"motet/internal/raw"
)

// DefaultCloseTimeout is how long Close takes at most when its context has no deadline.
const DefaultCloseTimeout = 10 * time.Second

// System is one node: it owns actors, sockets and the membership of a cluster. All of it may be used from any goroutine.
type System struct {
	handle     uintptr
	dispatcher uintptr
	address    string
	// ctx is the parent of every actor's context; cancelled before the system stops its actors.
	ctx    context.Context
	cancel context.CancelFunc
	// done is closed when the system has closed and no handler runs any more.
	done  chan struct{}
	types types
	// actorTypes are the functions that make actors by the name of their type.
	actorTypes sync.Map
	asks       asks
	tasks      tasks

	mutex     sync.Mutex
	cells     map[uint64]*cell
	lastActor uint64
}

// Start starts a system. It joins the configured seed nodes, if there are any. When ctx ends, the system closes as by
// Close; the contexts of handlers have the values of ctx.
func Start(ctx context.Context, config Config) (*System, error) {
	if version := raw.Version_abi(); version != raw.ABI_VERSION {
		return nil, &Error{Code: CodeBadState, Message: fmt.Sprintf(
			"libmotet %s has ABI version %d, this package was made for %d", raw.Version_string(), version, raw.ABI_VERSION)}
	}
	settings, err := config.load()
	if err != nil {
		return nil, err
	}
	defer raw.Config_free(settings)
	var handle uintptr
	if err := takeError(raw.System_start(settings, &handle)); err != nil {
		return nil, err
	}
	s := &System{handle: handle, done: make(chan struct{}), cells: map[uint64]*cell{}}
	s.asks.waiting = map[uint64]chan answer{}
	s.tasks.init()
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.address = readText(func(buffer []byte) int64 { return raw.System_address(s.handle, buffer) })
	if err := s.poll(); err != nil {
		s.cancel()
		raw.System_free(s.handle)
		return nil, err
	}
	go func() {
		select {
		case <-ctx.Done():
			_ = s.Close(context.Background())
		case <-s.done:
		}
	}()
	return s, nil
}

// Address is the address of the node, "motet.tcp://System@host:port", "motet://System" without remoting.
func (s *System) Address() string { return s.address }

// UID is the number of this life of the node; 0 when closed.
func (s *System) UID() uint64 { return raw.System_uid(s.handle) }

// Cluster is the membership of this node.
func (s *System) Cluster() Cluster { return Cluster{system: s} }

// Spawn creates an actor below /user. name is unique among its siblings; "" has one generated.
func (s *System) Spawn(props Props, name string) (*Ref, error) { return s.spawn(nil, props, name) }

func (s *System) spawn(parent *Ref, props Props, name string) (*Ref, error) {
	if err := checkText("the name of an actor", name); err != nil {
		return nil, err
	}
	if props.New == nil {
		return s.spawnOfType(parent, props, name)
	}
	c := s.remember(props)
	ref, err := s.create(parent, raw.Props_new_foreign(s.dispatcher, c.number), props, name)
	if err != nil {
		s.forget(c)
	}
	return ref, err
}

// create creates an actor as it is described, and frees the description.
func (s *System) create(parent *Ref, described uintptr, props Props, name string) (*Ref, error) {
	if described == 0 {
		return nil, ErrNoMemory
	}
	defer raw.Props_free(described)
	for key, value := range props.Settings {
		if err := takeError(raw.Props_set(described, key, value)); err != nil {
			return nil, err
		}
	}
	var handle uintptr
	var failed uintptr
	if parent == nil {
		failed = raw.System_spawn(s.handle, described, name, &handle)
	} else {
		failed = raw.Ref_spawn(parent.handle, described, name, &handle)
	}
	if err := takeError(failed); err != nil {
		return nil, err
	}
	return newRef(s, handle), nil
}

func (s *System) remember(props Props) *cell {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.lastActor++
	c := &cell{system: s, number: s.lastActor, props: props}
	s.cells[c.number] = c
	return c
}

func (s *System) forget(c *cell) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.cells, c.number)
}

func (s *System) cell(number uint64) *cell {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.cells[number]
}

// Ref gives the reference that a path names: a full path any node's actor, "/user/a" one of this node. Nothing checks
// that the actor exists. A path with a wildcard (* ?) or ".." is a selection: what is told to it goes to every actor
// that matches.
func (s *System) Ref(path string) (*Ref, error) {
	if err := checkText("a path", path); err != nil {
		return nil, err
	}
	var handle uintptr
	if err := takeError(raw.System_ref(s.handle, path, &handle)); err != nil {
		return nil, err
	}
	return newRef(s, handle), nil
}

// Resolve finds out whether an actor exists: the incarnation that answers at a path, as Ref takes it, here or on any other
// node. Of several that match it is the one whose answer comes first. When nobody is there the error has CodeNotFound.
func (s *System) Resolve(ctx context.Context, path string) (*Ref, error) {
	ref, err := s.Ref(path)
	if err != nil {
		return nil, err
	}
	identity, err := Ask[ActorIdentity](ctx, ref, Identify{})
	if err != nil {
		return nil, err
	}
	if identity.Ref == nil {
		return nil, &Error{Code: CodeNotFound, Message: "no actor is at " + path}
	}
	return identity.Ref, nil
}

// Peer is another node, as System.Peers knows it.
type Peer struct {
	Address string
	// State is that of the association: "idle", "handshaking", "active", "gated" or "quarantined".
	State string
	// UID is the life of the node that was met last; 0 when none was.
	UID uint64
	// Phi is how strongly it is suspected of having failed; 0 for a node that nothing here watches.
	Phi float64
	// Queued is how many bytes wait to be sent to it.
	Queued uint64
}

// Peers gives what is known now of every other node that was sent to or heard from, by address in order.
func (s *System) Peers() ([]Peer, error) {
	var handle uintptr
	if err := takeError(raw.System_peers(s.handle, &handle)); err != nil {
		return nil, err
	}
	defer raw.Peers_free(handle)
	var peers []Peer
	for i := int64(0); i < raw.Peers_count(handle); i++ {
		peers = append(peers, Peer{
			Address: raw.Peers_address(handle, i),
			State:   raw.Peers_state(handle, i),
			UID:     raw.Peers_uid(handle, i),
			Phi:     raw.Peers_phi(handle, i),
			Queued:  raw.Peers_queued(handle, i),
		})
	}
	return peers, nil
}

// ReloadKeys reads remote.curve.key-file and remote.curve.peers-file again: who was taken out of the list is heard no
// longer, who was added may connect. The error names the file that is not good; a good list is taken even when the
// key file is not good. With CodeBadState the system has no keys, or its own key is another one, which takes a restart.
func (s *System) ReloadKeys() error { return takeError(raw.System_reload_keys(s.handle)) }

// Subscribe has an actor receive events: "cluster" (values that are ClusterEvent), "dead-letters" (DeadLetter),
// "mailboxes" (MailboxHighWater) or "remoting" (RemotingEvent). The subscription ends with the actor.
func (s *System) Subscribe(subscriber *Ref, topic string) error {
	return s.subscribe(subscriber, topic, raw.System_subscribe)
}

// Unsubscribe ends such a subscription.
func (s *System) Unsubscribe(subscriber *Ref, topic string) error {
	return s.subscribe(subscriber, topic, raw.System_unsubscribe)
}

func (s *System) subscribe(subscriber *Ref, topic string, call func(system, subscriber uintptr, topic string) uintptr) error {
	handle, err := subscriber.use()
	if err != nil {
		return err
	}
	defer subscriber.release()
	return takeError(call(s.handle, handle, topic))
}

// Close leaves the cluster, stops every actor and ends the system, until the deadline of ctx (without one:
// DefaultCloseTimeout), after which what is left is cut off and Close returns a timeout. It may be called more than
// once. It is Shutdown for the reason ShutdownActorSystemTerminate.
func (s *System) Close(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		limited, cancel := context.WithTimeout(ctx, DefaultCloseTimeout)
		defer cancel()
		ctx = limited
	}
	return s.Shutdown(ctx, ShutdownActorSystemTerminate, "")
}

func isClosed(err error) bool { return err.(*Error).Code == CodeClosed }

// Done is closed when the system has closed, for whatever reason, and no handler runs any more.
func (s *System) Done() <-chan struct{} { return s.done }
