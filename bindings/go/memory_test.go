package motet

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
)

// resident gives the memory of the process in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

func TestMemoryStaysFlat(t *testing.T) {
	const askers, asks, bound = 16, 2000, 8 << 20
	system, ctx := local(t), context.Background()
	echo := mustSpawn(t, system, "", func(ctx *Context, message any) error {
		ctx.Sender() // held, and left to the garbage collector
		return ctx.Reply(message)
	})
	round := func() {
		var group sync.WaitGroup
		for asker := 0; asker < askers; asker++ {
			group.Add(1)
			go func() {
				defer group.Done()
				for i := int64(0); i < asks; i++ {
					reply, err := Ask[carrier](ctx, echo, carrier{Ref: echo, Other: map[string]any{"i": i}})
					if err != nil || reply.Other["i"] != i {
						t.Errorf("%v, %v", reply, err)
						return
					}
				}
			}()
		}
		group.Wait()
		runtime.GC()
		runtime.GC() // what the first one finalized
	}
	round()
	before := resident(t)
	round()
	round()
	if grown := resident(t) - before; grown > bound {
		t.Errorf("%d bytes more after %d asks", grown, 2*askers*asks)
	}
}
