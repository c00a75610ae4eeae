package motet

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// node starts a member; the first of a cluster joins itself.
func node(t *testing.T, role string, first *System) *System {
	t.Helper()
	system := start(t, map[string]string{
		"system.name":   "Test",
		"cluster.roles": role,
		"cluster.failure-detector.acceptable-pause": "20s",
		"cluster.heartbeat-interval":                "100ms",
		"cluster.downing.stable-after":              "20s",
		"cluster.join-retry":                        "500ms",
		"remote.system-message-resend-interval":     "200ms",
	})
	address := system.Address()
	if first != nil {
		address = first.Address()
	}
	if err := system.Cluster().Join(address); err != nil {
		t.Fatal(err)
	}
	if err := system.Cluster().WaitUp(within(t)); err != nil {
		t.Fatal(err)
	}
	return system
}

func TestMembersFindEachOther(t *testing.T) {
	first := node(t, "front", nil)
	events, err := first.Cluster().Subscribe(within(t), 64)
	if err != nil {
		t.Fatal(err)
	}
	state := (<-events).(ClusterState)
	if len(state.Members) != 1 || !state.Members[0].HasRole("front") || state.Leader != first.Address() {
		t.Errorf("%+v", state)
	}
	second := node(t, "back", first)
	up := waitEvent[MemberUp](t, events)
	if up.Address != second.Address() || !up.HasRole("back") || up.HasRole("front") || up.UID != second.UID() {
		t.Errorf("%+v", up)
	}
	members, err := first.Cluster().Members()
	if err != nil || len(members) != 2 {
		t.Errorf("%v, %v", members, err)
	}

	echo := mustSpawn(t, second, "echo", func(ctx *Context, message any) error { return ctx.Reply(message) })
	remote, err := first.Ref(second.Address() + "/user/echo")
	if err != nil {
		t.Fatal(err)
	}
	reply, err := Ask[carrier](within(t), remote, carrier{Ref: echo, Other: map[string]any{"text": "größer"}})
	if err != nil || reply.Ref.String() != echo.String() || reply.Other["text"] != "größer" {
		t.Errorf("%+v, %v", reply, err)
	}

	if err := second.Cluster().Leave(""); err != nil {
		t.Fatal(err)
	}
	if gone := waitEvent[MemberRemoved](t, events); gone.Address != second.Address() {
		t.Errorf("%+v", gone)
	}
	if err := first.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	for range events { // closed with the system
	}
}

func waitEvent[T any](t *testing.T, events <-chan ClusterEvent) T {
	t.Helper()
	for deadline := time.After(patience); ; {
		select {
		case event := <-events:
			if wanted, ok := event.(T); ok {
				return wanted
			}
		case <-deadline:
			t.Fatal("the event did not come")
		}
	}
}

func TestClusterRefusals(t *testing.T) {
	alone := start(t, map[string]string{"system.name": "Test"})
	wantCode(t, alone.Cluster().Join("motet.tcp://Other@127.0.0.1:1"), ErrBadAddress)
	wantCode(t, alone.Cluster().Join("nonsense"), ErrBadAddress)
	limited, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := alone.Cluster().WaitUp(limited)
	wantCode(t, err, ErrTimeout)
	if !strings.Contains(err.Error(), alone.Address()) {
		t.Errorf("%v", err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	events, err := alone.Cluster().Subscribe(cancelled, 0)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range events { // closed with the context
	}
}

func TestTheStateTellsMore(t *testing.T) {
	first := node(t, "front", nil)
	state, err := first.Cluster().State()
	if err != nil {
		t.Fatal(err)
	}
	if state.RoleLeaders["front"] != first.Address() || state.Members[0].Version != "0.0.0" || state.Members[0].UpNumber != 1 {
		t.Fatalf("unexpected state %+v", state)
	}
	if suspicions, err := first.Cluster().Suspicions(); err != nil || len(suspicions) != 0 {
		t.Fatalf("unexpected suspicions %v, %v", suspicions, err)
	}
	if snapshot, err := first.Cluster().Snapshot(); err != nil || !strings.Contains(string(snapshot), first.Address()) {
		t.Fatalf("unexpected snapshot %s, %v", snapshot, err)
	}
	if err := first.Cluster().JoinSeeds(first.Address()); err == nil {
		t.Fatal("a member joined again")
	}
	events, err := first.Cluster().Subscribe(within(t), 64)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Cluster().PrepareForFullShutdown(); err != nil {
		t.Fatal(err)
	}
	for event := range events {
		if ready, ok := event.(MemberReadyForShutdown); ok && ready.Address == first.Address() {
			return
		}
	}
	t.Fatal("the channel closed before the member was ready")
}

func TestTheStateCanComeAsEvents(t *testing.T) {
	first := node(t, "front", nil)
	events, err := first.Cluster().SubscribeAsEvents(within(t), 64)
	if err != nil {
		t.Fatal(err)
	}
	if up, ok := (<-events).(MemberUp); !ok || up.UID != first.UID() {
		t.Errorf("%+v", up)
	}
	if leader, ok := (<-events).(LeaderChanged); !ok || leader.Leader != first.Address() {
		t.Errorf("%+v", leader)
	}
}

func TestPeersAndRoom(t *testing.T) {
	first := start(t, nil)
	second := start(t, map[string]string{"remote.max-message-size": "1MiB"})
	if peers, err := second.Peers(); err != nil || len(peers) != 0 {
		t.Errorf("%v, %v", peers, err)
	}
	echo := mustSpawn(t, first, "echo", func(ctx *Context, message any) error { return ctx.Reply(message) })
	far, err := second.Ref(echo.String())
	if err != nil {
		t.Fatal(err)
	}
	small, large := Message{"room.Word", "small"}, Message{"room.Word", strings.Repeat("x", 2_000_000)}
	if _, err := Ask[Message](within(t), far, small); err != nil {
		t.Fatal(err)
	}
	peers, err := second.Peers()
	if err != nil || len(peers) != 1 || peers[0].Address != first.Address() || peers[0].State != "active" || peers[0].UID != first.UID() {
		t.Errorf("%+v, %v", peers, err)
	}

	if err := far.AwaitRoom(within(t), small); err != nil {
		t.Error(err)
	}
	wantCode(t, far.AwaitRoom(within(t), large), ErrTooLarge)
	rooms := make(chan Room, 2)
	told := mustSpawn(t, second, "told", func(_ *Context, message any) error {
		rooms <- message.(Room)
		return nil
	})
	for _, message := range []Message{small, large} {
		if err := far.WhenRoom(message, told); err != nil {
			t.Fatal(err)
		}
		want := Code(0)
		if message == large {
			want = CodeTooLarge
		}
		if room := <-rooms; room.Code != want || !room.Ref.Equal(far) {
			t.Errorf("%+v", room)
		}
	}
	wantCode(t, far.WhenRoom(small, nil), ErrInvalid)
	alone := start(t, map[string]string{"remote.enabled": "off"})
	if _, err := alone.Peers(); err == nil || !strings.Contains(err.Error(), "remote.enabled") {
		t.Errorf("%v", err)
	}
}

func TestCallsWhenThisNodeIsUpAndWhenItIsRemoved(t *testing.T) {
	first := node(t, "front", nil)
	told := make(chan string, 8)
	note := func(word string) func() { return func() { told <- word } }
	expect := func(word string) {
		t.Helper()
		select {
		case came := <-told:
			if came != word {
				t.Errorf("%q came, not %q", came, word)
			}
		case <-time.After(patience):
			t.Fatalf("%q did not come", word)
		}
	}
	if err := first.Cluster().OnUp(note("up")); err != nil {
		t.Fatal(err)
	}
	expect("up")
	if err := first.Cluster().OnRemoved(note("removed")); err != nil {
		t.Fatal(err)
	}
	if err := first.Cluster().Leave(""); err != nil {
		t.Fatal(err)
	}
	expect("removed")
	<-first.Done()
	if err := first.Cluster().OnRemoved(note("removed already")); err != nil {
		t.Fatal(err)
	}
	expect("removed already")
	wantCode(t, first.Cluster().OnUp(note("never")), ErrClosed)

	never := start(t, nil)
	if err := never.Cluster().OnRemoved(note("ended")); err != nil {
		t.Fatal(err)
	}
	if err := never.Close(within(t)); err != nil {
		t.Fatal(err)
	}
	expect("ended")
}

type greeter struct{ Greeting, Mark string }

func (g greeter) Receive(ctx *Context, message any) error {
	if message.(text).Value == "fail" {
		return errors.New("as told")
	}
	return ctx.Reply(text{g.Greeting + " " + message.(text).Value + g.Mark})
}

func TestActorsMadeByTheNameOfTheirTypeHereAndThere(t *testing.T) {
	here := start(t, nil)
	there := start(t, map[string]string{"remote.creation.deny": "test.Secret"})
	makeGreeter := func(arguments Arguments) (Actor, error) {
		g := greeter{"hello", "!"}
		err := arguments.Decode(&g)
		return g, err
	}
	for _, system := range []*System{here, there} {
		if err := system.RegisterActor("test.Greeter", makeGreeter); err != nil {
			t.Fatal(err)
		}
		wantCode(t, system.RegisterActor("test.Greeter", makeGreeter), ErrNameTaken)
	}
	if err := there.RegisterActor("test.Secret", makeGreeter); err != nil {
		t.Fatal(err)
	}
	wantCode(t, here.RegisterActor("motet.Greeter", makeGreeter), ErrBadName)
	wantCode(t, here.RegisterActor("test.Nil", nil), ErrInvalid)
	_, err := here.Spawn(Props{Type: "test.Nothing"}, "")
	wantCode(t, err, ErrInvalid)
	_, err = here.Spawn(Props{}, "")
	wantCode(t, err, ErrInvalid)
	wantCode(t, Arguments{system: here}.Decode(greeter{}), ErrInvalid)

	remote := map[string]string{"remote": there.Address(), "supervision.directive": "stop"}
	refs := map[string]*Ref{}
	for name, props := range map[string]Props{
		"plain":  {Type: "test.Greeter"},
		"near":   {Type: "test.Greeter", Arguments: greeter{Greeting: "hi", Mark: "."}, Settings: map[string]string{"supervision.directive": "stop"}},
		"far":    {Type: "test.Greeter", Arguments: map[string]any{"Mark": "?"}, Settings: remote},
		"secret": {Type: "test.Secret", Settings: remote},
		"wrong":  {Type: "test.Greeter", Arguments: 5, Settings: map[string]string{"supervision.directive": "stop"}},
	} {
		ref, err := here.Spawn(props, name)
		if err != nil {
			t.Fatal(err)
		}
		refs[name] = ref
	}
	for name, want := range map[string]string{"plain": "hello you!", "near": "hi you.", "far": "hello you?"} {
		if reply, err := Ask[text](within(t), refs[name], text{"you"}); err != nil || reply.Value != want {
			t.Errorf("%s: %v, %v", name, reply, err)
		}
	}
	gone := make(chan string, 8)
	watching := make(chan struct{})
	if _, err := here.Spawn(Props{New: func() Actor {
		return &watcher{refs: refs, watching: watching, gone: gone}
	}}, ""); err != nil {
		t.Fatal(err)
	}
	<-watching
	for _, name := range []string{"near", "far"} {
		if err := refs[name].Tell(context.Background(), text{"fail"}); err != nil {
			t.Fatal(err)
		}
	}
	for left := map[string]bool{"near": true, "far": true, "secret": true, "wrong": true}; len(left) > 0; {
		select {
		case name := <-gone:
			delete(left, name)
		case <-time.After(patience):
			t.Fatalf("%v are not gone", left)
		}
	}
}

// watcher tells the names of those that end.
type watcher struct {
	refs     map[string]*Ref
	watching chan struct{}
	gone     chan string
}

func (w *watcher) PreStart(ctx *Context) error {
	defer close(w.watching)
	for _, ref := range w.refs {
		if err := ctx.Watch(ref); err != nil {
			return err
		}
	}
	return nil
}

func (w *watcher) Receive(_ *Context, message any) error {
	for name, ref := range w.refs {
		if ref.Equal(message.(Terminated).Ref) {
			w.gone <- name
		}
	}
	return nil
}
