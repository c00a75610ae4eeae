package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"reflect"
	"time"

	"motet"
)

// patience is how long the runner waits for the answer of one step.
const patience = 50 * time.Second

// expired is what the timer of a step says.
type expired struct{}

// runner is the active side: tell, ask, watch, one after the other, and then the report.
type runner struct {
	target    *motet.Ref
	requester *motet.Ref
	child     *motet.Ref
	step      string
}

func (r *runner) PreStart(ctx *motet.Context) error {
	err := r.enter(ctx, "tell")
	if err == nil {
		err = r.target.Tell(ctx, echo{Value: sample(ctx.Self())})
	}
	return r.report(ctx, err)
}

func (r *runner) Receive(ctx *motet.Context, message any) error {
	switch message := message.(type) {
	case echo:
		if err := compare("tell", message.Value, ctx.Self()); err != nil {
			return r.report(ctx, err)
		}
		return r.report(ctx, r.ask(ctx))
	case spawned:
		return r.report(ctx, r.watch(ctx, message.Ref))
	case motet.Terminated:
		if !message.Ref.Equal(r.child) {
			return r.report(ctx, fmt.Errorf("watch: the end of %s came, not that of %s", message.Ref, r.child))
		}
		r.step = ""
		return r.report(ctx, nil)
	case expired:
		return r.report(ctx, fmt.Errorf("no answer in step %q within %s", r.step, patience))
	}
	return motet.ErrUnhandled
}

func (r *runner) enter(ctx *motet.Context, step string) error {
	r.step = step
	return ctx.Timer(1, patience, 0, expired{})
}

func (r *runner) ask(ctx *motet.Context) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reply, err := motet.Ask[echo](limited, r.target, echo{Value: sample(ctx.Self())})
	if err != nil {
		return err
	}
	if err := compare("ask", reply.Value, ctx.Self()); err != nil {
		return err
	}
	if err := r.enter(ctx, "spawn"); err != nil {
		return err
	}
	return r.target.Tell(ctx, spawn{})
}

func (r *runner) watch(ctx *motet.Context, child *motet.Ref) error {
	r.child = child
	if err := ctx.Watch(child); err != nil {
		return err
	}
	if err := r.enter(ctx, "watch"); err != nil {
		return err
	}
	return child.Tell(ctx, stop{})
}

// report ends the run: with an error, or without one when nothing is left to be done.
func (r *runner) report(ctx *motet.Context, err error) error {
	if err == nil && r.step != "" {
		return nil
	}
	result := report{OK: err == nil}
	if err != nil {
		result.Error = err.Error()
	}
	if err := r.requester.Tell(ctx, result); err != nil {
		return err
	}
	return ctx.Stop()
}

// sample is one of everything that a message may hold, as it arrives.
func sample(self *motet.Ref) any {
	return map[string]any{
		"from":     "go",
		"nothing":  nil,
		"truth":    []any{true, false},
		"integers": []any{int64(0), int64(-1), int64(200), int64(-32769), int64(math.MaxInt64), int64(math.MinInt64)},
		"floats":   []any{0.5, -1e300},
		"text":     "Straße, Ærø, Ωμέγα, 漢字, 🎵",
		"bytes":    []byte{0, 1, 255},
		"nested":   map[string]any{"list": []any{[]any{}, map[string]any{}}},
		"ref":      self,
	}
}

func compare(step string, got any, self *motet.Ref) error {
	if want := sample(self); !same(got, want) {
		return fmt.Errorf("%s: another value came back: %v, not %v", step, got, want)
	}
	return nil
}

func same(left, right any) bool {
	switch left := left.(type) {
	case []byte:
		right, ok := right.([]byte)
		return ok && bytes.Equal(left, right)
	case *motet.Ref:
		right, ok := right.(*motet.Ref)
		return ok && left.Equal(right)
	case []any:
		right, ok := right.([]any)
		if !ok || len(left) != len(right) {
			return false
		}
		for i := range left {
			if !same(left[i], right[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		right, ok := right.(map[string]any)
		if !ok || len(left) != len(right) {
			return false
		}
		for key := range left {
			other, ok := right[key]
			if !ok || !same(left[key], other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(left, right)
}
