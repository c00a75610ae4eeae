package motet

import (
	"context"
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
