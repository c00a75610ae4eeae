package motet

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"motet/internal/raw"
)

// maxBatch bounds how many deliveries one poll takes; one actor's own may exceed it.
const maxBatch = 1024

// spareBatches is how many batches are kept to be used again.
const spareBatches = 4

// delivery is one record of a batch, motet_delivery_t of motet/dispatcher.h, in the memory of the batch.
type delivery struct {
	kind        int32
	number      int32
	actor       uint64
	correlation uint64
	sender      uint64
	self        uint64
	dataOffset  uint64
	dataSize    uint64
	index       int32
	_           int32
	trace       Trace
	_           [6]byte
}

// The layout is a part of the C interface.
var _ = [1]struct{}{}[unsafe.Sizeof(delivery{})-96]

// batch is a batch of the C interface with those who still use it. It lends payloads and refs to the handlers of its
// deliveries, and is filled again only when the last of them has ended.
type batch struct {
	handle uintptr
	users  atomic.Int32
}

// poller takes ready work from the engine and has it run. It is one goroutine for a system, which waits in Go's own
// network poller for the dispatcher's descriptor: no thread is blocked in C.
type poller struct {
	system *System
	file   *os.File
	spare  chan *batch
	// running counts the goroutines that run actors.
	running sync.WaitGroup
}

// poll makes the dispatcher of a system and starts its poller.
func (s *System) poll() error {
	var dispatcher uintptr
	if err := takeError(raw.Dispatcher_new(s.handle, &dispatcher)); err != nil {
		return err
	}
	s.dispatcher = dispatcher
	if _, err := s.AddShutdownTask("before-actor-system-terminate", "cancel the contexts of actors", func(context.Context) error {
		s.cancel()
		return nil
	}); err != nil {
		raw.Dispatcher_free(s.dispatcher)
		return err
	}
	file, err := watchable(raw.Dispatcher_fd(s.dispatcher))
	if err != nil {
		raw.Dispatcher_free(s.dispatcher)
		return err
	}
	p := &poller{system: s, file: file, spare: make(chan *batch, spareBatches)}
	go p.loop()
	return nil
}

// watchable gives a descriptor of the engine to Go's network poller: a duplicate, as Go closes what it is given.
func watchable(descriptor int) (*os.File, error) {
	if descriptor < 0 {
		return nil, codeError(descriptor, func() string { return "the descriptor of the dispatcher" })
	}
	duplicate, _, failed := syscall.Syscall(syscall.SYS_FCNTL, uintptr(descriptor), syscall.F_DUPFD_CLOEXEC, 0)
	if failed != 0 {
		return nil, &Error{Code: CodeIo, Message: "the descriptor of the dispatcher cannot be duplicated: " + failed.Error()}
	}
	return os.NewFile(duplicate, "motet dispatcher"), nil
}

func (p *poller) loop() {
	s := p.system
	connection, err := p.file.SyscallConn()
	for err == nil {
		filled := p.take()
		count := int64(0)
		err = connection.Read(func(uintptr) bool {
			count = raw.Dispatcher_poll(s.dispatcher, filled.handle, maxBatch, 0)
			return count != 0
		})
		if err != nil || count < 0 {
			raw.Batch_free(filled.handle)
			break
		}
		p.dispatch(filled, int(count))
	}
	p.finish()
}

// finish runs when the dispatcher is closed, because the system is closing or has closed.
func (p *poller) finish() {
	s := p.system
	s.cancel()
	s.asks.close()
	p.running.Wait()
	_ = takeError(raw.System_wait(s.handle, -1))
	s.tasks.end(s)
	_ = p.file.Close()
	for len(p.spare) > 0 {
		raw.Batch_free((<-p.spare).handle)
	}
	raw.Dispatcher_free(s.dispatcher)
	raw.System_free(s.handle)
	close(s.done)
}

// dispatch starts a goroutine for each actor that has deliveries in a batch, and hands answers to those who asked.
func (p *poller) dispatch(filled *batch, count int) {
	stride := uintptr(raw.Batch_stride(filled.handle))
	records := unsafe.Pointer(raw.Batch_records(filled.handle))
	arena := unsafe.Slice(raw.Batch_arena(filled.handle), raw.Batch_arena_size(filled.handle))
	all := make([]*delivery, count)
	for i := range all {
		all[i] = (*delivery)(unsafe.Add(records, uintptr(i)*stride))
	}
	filled.users.Store(1)
	for start := 0; start < count; {
		first, end := all[start], start+1
		switch first.kind {
		case int32(raw.DELIVERY_MESSAGE):
			for end < count && all[end].kind == first.kind && all[end].actor == first.actor {
				end++
			}
			p.start(filled, all[start:end], arena)
		case int32(raw.DELIVERY_REPLY), int32(raw.DELIVERY_FAILURE):
			p.answer(first, arena)
		case int32(raw.DELIVERY_TASK):
			p.system.tasks.begin(p.system, first.correlation)
		}
		start = end
	}
	p.release(filled)
}

// answer hands a reply to whoever asked, if he still waits.
func (p *poller) answer(d *delivery, arena []byte) {
	waiting := p.system.asks.take(d.correlation)
	if waiting == nil {
		return
	}
	a := answer{kind: d.kind, number: int(d.number)}
	a.data = append(a.data, arena[d.dataOffset:d.dataOffset+d.dataSize]...)
	if d.number == int32(raw.TYPE_ACTOR_IDENTITY) && d.sender != 0 {
		a.sender = newRef(p.system, raw.Ref_retain(uintptr(d.sender)))
	}
	waiting <- a
}

// start runs one actor. A goroutine each, not a fixed number of them: a handler that waits for another actor's answer
// must never keep that actor from running.
func (p *poller) start(filled *batch, deliveries []*delivery, arena []byte) {
	c := p.system.cell(deliveries[0].actor)
	if c == nil {
		c = p.system.made(deliveries[0], arena)
	}
	if c == nil {
		raw.Dispatcher_complete(p.system.dispatcher, deliveries[0].actor, int64(len(deliveries)), int(CodeOk), "")
		return
	}
	filled.users.Add(1)
	p.running.Add(1)
	go func() {
		defer p.running.Done()
		c.run(deliveries, arena)
		p.release(filled)
	}()
}

// take gives a batch that nobody uses.
func (p *poller) take() *batch {
	select {
	case spare := <-p.spare:
		return spare
	default:
		return &batch{handle: raw.Batch_new()}
	}
}

// release ends one use of a batch; the last puts it aside for the next poll.
func (p *poller) release(filled *batch) {
	if filled.users.Add(-1) > 0 {
		return
	}
	select {
	case p.spare <- filled:
	default:
		raw.Batch_free(filled.handle)
	}
}
