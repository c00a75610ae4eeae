package motet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motet/routing"
)

type job struct {
	Name string `msgpack:"name"`
}

type done struct {
	Name     string `msgpack:"name"`
	Handled  int64  `msgpack:"handled"`
	Instance int64  `msgpack:"instance"`
}

func init() {
	Register[job]("test.Job")
	Register[done]("test.Done")
}

// workers makes actors that say who they are; they fail, stop and wait as they are told.
type workers struct {
	made    atomic.Int64
	waiting atomic.Int64
	gate    chan struct{}

	mutex   sync.Mutex
	stopped map[int64]int
}

func newWorkers() *workers { return &workers{gate: make(chan struct{}), stopped: map[int64]int{}} }

func (w *workers) props() Props { return Props{New: w.new} }
func (w *workers) new() Actor   { return &worker{all: w, instance: w.made.Add(1)} }
func (w *workers) stops() map[int64]int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	stopped := map[int64]int{}
	for instance, times := range w.stopped {
		stopped[instance] = times
	}
	return stopped
}

type worker struct {
	all      *workers
	instance int64
	handled  int64
}

func (w *worker) Receive(ctx *Context, message any) error {
	w.handled++
	name := message.(job).Name
	switch name {
	case "fail":
		return errors.New("as told")
	case "stop":
		if err := ctx.Stop(); err != nil {
			return err
		}
	case "wait":
		w.all.waiting.Add(1)
		<-w.all.gate
	}
	if ctx.Sender() == nil {
		return nil
	}
	return ctx.Reply(done{name, w.handled, w.instance})
}

func (w *worker) PostStop(*Context) error {
	w.all.mutex.Lock()
	defer w.all.mutex.Unlock()
	w.all.stopped[w.instance]++
	return nil
}

func spawnRouter(t *testing.T, system *System, props Props, name string) *Ref {
	t.Helper()
	router, err := system.Spawn(props, name)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// askEach asks for one job after the other and gives the instances that did them.
func askEach(t *testing.T, router *Ref, jobs int) []int64 {
	t.Helper()
	var instances []int64
	for i := 0; i < jobs; i++ {
		reply, err := Ask[done](within(t), router, job{fmt.Sprint("job ", i)})
		if err != nil {
			t.Fatal(err)
		}
		instances = append(instances, reply.Instance)
	}
	return instances
}

func different(instances []int64) map[int64]bool {
	seen := map[int64]bool{}
	for _, instance := range instances {
		seen[instance] = true
	}
	return seen
}

func wantInstances(t *testing.T, instances []int64, want ...int64) {
	t.Helper()
	if got := different(instances); fmt.Sprint(got) != fmt.Sprint(different(want)) {
		t.Fatalf("instances %v, wanted %v", got, want)
	}
}

func askToFail(t *testing.T, router *Ref) {
	t.Helper()
	_, err := Ask[done](within(t), router, job{"fail"})
	wantCode(t, err, ErrFailed)
}

func routeesOf(t *testing.T, router *Ref) []*Ref {
	t.Helper()
	routees, err := Ask[Routees](within(t), router, GetRoutees{})
	if err != nil {
		t.Fatal(err)
	}
	return routees.Routees
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in %v", what, patience)
		}
	}
}

func wantRoutees(t *testing.T, router *Ref, count int) {
	t.Helper()
	eventually(t, fmt.Sprint(count, " routees"), func() bool { return len(routeesOf(t, router)) == count })
}

func cells(system *System) int {
	system.mutex.Lock()
	defer system.mutex.Unlock()
	return len(system.cells)
}

func TestEachRouteeOfAPoolByCodeHasAnInstanceOfItsOwn(t *testing.T) {
	system, all := local(t), newWorkers()
	pool := spawnRouter(t, system, Pool(all.props(), routing.RoundRobin{}, routing.Instances(3)), "pool")
	first := askEach(t, pool, 3)
	wantInstances(t, first, 1, 2, 3)
	if second := askEach(t, pool, 3); fmt.Sprint(first) != fmt.Sprint(second) {
		t.Fatalf("%v, then %v", first, second)
	}
	askToFail(t, pool)
	wantInstances(t, askEach(t, pool, 6), first[1], first[2], 4)
	if _, err := Ask[done](within(t), pool, job{"stop"}); err != nil {
		t.Fatal(err)
	}
	wantRoutees(t, pool, 2)
	if left := different(askEach(t, pool, 4)); len(left) != 2 {
		t.Fatal(left)
	}
	if err := pool.Stop(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing is kept of the pool", func() bool { return cells(system) == 0 })
	if stopped := all.stops(); len(stopped) != 3 || all.made.Load() != 4 {
		t.Fatal(stopped)
	}
}

func TestARouteeIsStoppedOrGoesOnAsItsSupervisionSays(t *testing.T) {
	for directive, left := range map[string]int{"stop": 2, "resume": 3} {
		system, all := local(t), newWorkers()
		props := all.props()
		props.Settings = map[string]string{"supervision.directive": directive}
		pool := spawnRouter(t, system, Pool(props, routing.RoundRobin{}, routing.Instances(3)), "")
		askEach(t, pool, 3)
		askToFail(t, pool)
		wantRoutees(t, pool, left)
		if got := different(askEach(t, pool, 6)); len(got) != left || all.made.Load() != 3 {
			t.Fatalf("%s: %v", directive, got)
		}
	}
}

func TestWhatARouteeEscalatesRestartsThePool(t *testing.T) {
	system, all := local(t), newWorkers()
	props := all.props()
	props.Settings = map[string]string{"supervision.directive": "escalate"}
	pool := spawnRouter(t, system, Pool(props, routing.RoundRobin{}, routing.Instances(3)), "")
	askEach(t, pool, 3)
	tell(t, within(t), pool, job{"fail"})
	eventually(t, "three new ones", func() bool { return all.made.Load() == 6 })
	wantRoutees(t, pool, 3) // they may have begun before the pool sends to them
	wantInstances(t, askEach(t, pool, 3), 4, 5, 6)
}

func TestRouteesOfABalancingPoolShareOneMailbox(t *testing.T) {
	for _, byType := range []bool{false, true} {
		system, all := local(t), newWorkers()
		props := all.props()
		if byType {
			if err := system.RegisterActor("test.Worker", func(Arguments) (Actor, error) { return all.new(), nil }); err != nil {
				t.Fatal(err)
			}
			props = Props{Type: "test.Worker"}
		}
		pool := spawnRouter(t, system, Pool(props, routing.Balancing{}, routing.Instances(3)), "")
		waiting := make(chan error, 2)
		for i := 0; i < cap(waiting); i++ {
			go func() {
				_, err := Ask[done](within(t), pool, job{"wait"})
				waiting <- err
			}()
		}
		eventually(t, "two are busy", func() bool { return all.waiting.Load() == 2 })
		if got := different(askEach(t, pool, 6)); len(got) != 1 {
			t.Fatal(got)
		}
		askToFail(t, pool)
		wantInstances(t, askEach(t, pool, 1), 4)
		close(all.gate)
		for i := 0; i < cap(waiting); i++ {
			if err := <-waiting; err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestRoutersByConfiguration(t *testing.T) {
	system, all := start(t, map[string]string{
		"remote.enabled":                              "off",
		`actor.deployment."/pool"."router"`:           "round-robin-pool",
		`actor.deployment."/pool"."router.instances"`: "3",
		`actor.deployment."/group"."router"`:          "round-robin-group",
		`actor.deployment."/group"."router.paths"`:    "/user/member",
	}), newWorkers()
	wantInstances(t, askEach(t, spawnRouter(t, system, all.props(), "pool"), 6), 1, 2, 3)
	spawnRouter(t, system, all.props(), "member")
	group := spawnRouter(t, system, all.props(), "group")
	wantInstances(t, askEach(t, group, 3), 4)
	if err := group.Stop(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing is kept of the group", func() bool { return cells(system) == 5 }) // 3, the pool, the member
}

func TestARouterThatIsRefusedLeavesNothing(t *testing.T) {
	system, all := local(t), newWorkers()
	spawnRouter(t, system, all.props(), "taken")
	_, err := system.Spawn(Pool(all.props(), routing.RoundRobin{}, routing.Instances(3)), "taken")
	wantCode(t, err, ErrNameTaken)
	for _, wrong := range []Props{
		Pool(all.props(), routing.RoundRobin{}, routing.Instances(0)),
		Pool(all.props(), routing.ConsistentHashing{VirtualNodesFactor: -1}, routing.Instances(1)),
		Group(routing.RoundRobin{}),
		Group(routing.Balancing{}, "/user/taken"),
	} {
		_, err = system.Spawn(wrong, "")
		wantCode(t, err, ErrBadValue)
	}
	eventually(t, "nothing is kept of what was refused", func() bool { return cells(system) == 1 })
}

func TestAGroupOverPathsHereAndOnAnotherNode(t *testing.T) {
	here, there, all := start(t, nil), start(t, nil), newWorkers()
	spawnRouter(t, here, all.props(), "near")
	far := spawnRouter(t, there, all.props(), "far")
	group := spawnRouter(t, here, Group(routing.RoundRobin{}, "/user/near", far.String()), "group")
	wantInstances(t, askEach(t, group, 6), 1, 2)
	seen, err := there.Ref(group.String())
	if err != nil {
		t.Fatal(err)
	}
	if routees := routeesOf(t, seen); len(routees) != 2 || !routees[1].Equal(far) {
		t.Fatal(routees)
	}
}

func TestAllGetABroadcast(t *testing.T) {
	system, ctx := local(t), within(t)
	received := make(chan any, 16)
	collect := Func(func(_ *Context, message any) error {
		received <- message
		return nil
	})
	for logic, message := range map[routing.Logic]any{
		routing.Broadcast{}: job{"all"},
		routing.Random{}:    Broadcast{job{"all"}},
	} {
		pool := spawnRouter(t, system, Pool(collect, logic, routing.Instances(3)), "")
		tell(t, ctx, pool, message)
		for i := 0; i < 3; i++ {
			if got := next(t, received); got != (job{"all"}) {
				t.Fatal(got)
			}
		}
		tell(t, ctx, pool, Broadcast{PoisonPill{}})
		eventually(t, "all ended, and the pool with them", func() bool { return cells(system) == 0 })
	}
	wantCode(t, spawnRouter(t, system, Pool(collect, routing.Random{}, routing.Instances(1)), "").Tell(ctx, Broadcast{nil}), ErrInvalid)
}

func TestAKeyBelongsToOneRoutee(t *testing.T) {
	system, all := local(t), newWorkers()
	logic := routing.ConsistentHashing{HashKey: "name", VirtualNodesFactor: 50}
	pool := spawnRouter(t, system, Pool(all.props(), logic, routing.Instances(3)), "")
	first := askEach(t, pool, 10)
	if second := askEach(t, pool, 10); fmt.Sprint(first) != fmt.Sprint(second) || len(different(first)) == 1 {
		t.Fatalf("%v, then %v", first, second)
	}
	for _, key := range []any{"job 0", []byte("job 0"), 7} {
		var instances []int64
		for _, name := range []string{"a", "b", "c", "d"} {
			reply, err := Ask[done](within(t), pool, ConsistentHashableEnvelope{key, job{name}})
			if err != nil || reply.Name != name {
				t.Fatal(reply, err)
			}
			instances = append(instances, reply.Instance)
		}
		if len(different(instances)) != 1 || (key != any(7) && instances[0] != first[0]) {
			t.Fatal(key, instances, first)
		}
	}
}

func TestTheFirstAnswerCounts(t *testing.T) {
	system, all := local(t), newWorkers()
	for _, logic := range []routing.Logic{
		routing.ScatterGather{Within: patience},
		routing.TailChopping{Within: patience, Interval: time.Millisecond},
	} {
		pool := spawnRouter(t, system, Pool(all.props(), logic, routing.Instances(3)), "")
		tell(t, within(t), routeesOf(t, pool)[0], job{"wait"})
		askEach(t, pool, 1)
	}
	silent := Func(func(*Context, any) error { return nil })
	none := spawnRouter(t, system, Pool(silent, routing.ScatterGather{Within: 20 * time.Millisecond}, routing.Instances(2)), "")
	_, err := Ask[done](within(t), none, job{"x"})
	wantCode(t, err, ErrTimeout)
	close(all.gate)
}

func TestTheRouteesOfAPoolChange(t *testing.T) {
	system, all, ctx := local(t), newWorkers(), within(t)
	pool := spawnRouter(t, system, Pool(all.props(), routing.RoundRobin{}, routing.Instances(3)), "pool")
	tell(t, ctx, pool, AdjustPoolSize{2})
	wantRoutees(t, pool, 5)
	wantInstances(t, askEach(t, pool, 5), 1, 2, 3, 4, 5)
	tell(t, ctx, pool, AdjustPoolSize{-4})
	wantRoutees(t, pool, 1)
	eventually(t, "those that left have ended", func() bool { return len(all.stops()) == 4 })
	guest := spawnRouter(t, system, all.props(), "guest")
	tell(t, ctx, pool, AddRoutee{guest})
	wantRoutees(t, pool, 2)
	if added := routeesOf(t, pool)[1]; !added.Equal(guest) {
		t.Fatal(added)
	}
	tell(t, ctx, pool, RemoveRoutee{guest})
	wantRoutees(t, pool, 1)
	askEach(t, guest, 1)
}

func TestAPoolOfAsManyAsItTakes(t *testing.T) {
	system, all := local(t), newWorkers()
	size := routing.Pressure{UpperBound: 4, RampupRate: 1, MessagesPerResize: 1}
	pool := spawnRouter(t, system, Pool(all.props(), routing.SmallestMailbox{}, size), "")
	eventually(t, "it has grown", func() bool {
		tell(t, context.Background(), pool, job{"wait"})
		return len(routeesOf(t, pool)) > 1
	})
	close(all.gate)
	exploring := routing.OptimalSizeExploring{LowerBound: 2, UpperBound: 3, ActionInterval: time.Minute}
	wantRoutees(t, spawnRouter(t, system, Pool(all.props(), routing.RoundRobin{}, exploring), ""), 2)
}

func ExamplePool() {
	system, err := Start(context.Background(), Config{Settings: map[string]string{"remote.enabled": "off", "log.level": "off"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer system.Close(context.Background())
	work := Func(func(ctx *Context, message any) error { return ctx.Reply(text{"done: " + message.(text).Value}) })
	pool, err := system.Spawn(Pool(work, routing.RoundRobin{}, routing.Instances(5)), "workers")
	if err != nil {
		fmt.Println(err)
		return
	}
	reply, err := Ask[text](context.Background(), pool, text{"tea"})
	fmt.Println(reply.Value, err)
	routees, err := Ask[Routees](context.Background(), pool, GetRoutees{})
	fmt.Println(len(routees.Routees), "routees", err)
	// Output:
	// done: tea <nil>
	// 5 routees <nil>
}

func TestTheRouteesOfAPoolAreSpreadOverNodes(t *testing.T) {
	here, there := start(t, nil), start(t, nil)
	near, far := newWorkers(), newWorkers()
	far.made.Store(100)
	for system, all := range map[*System]*workers{here: near, there: far} {
		made := all.new
		if err := system.RegisterActor("test.Worker", func(Arguments) (Actor, error) { return made(), nil }); err != nil {
			t.Fatal(err)
		}
	}
	props := Pool(Props{Type: "test.Worker"}, routing.RoundRobin{}, routing.Instances(4))
	props.Settings["router.target-nodes"] = here.Address() + "," + there.Address()
	pool := spawnRouter(t, here, props, "")
	wantInstances(t, askEach(t, pool, 8), 1, 2, 101, 102)
	if err := pool.Stop(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all have ended, on both nodes", func() bool { return len(near.stops()) == 2 && len(far.stops()) == 2 })
}
