package delivery

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// Engine leases, sends and reschedules. It works for the lanes that are attached
// to it; where these come from and how often they change is not its matter.
//
// One goroutine dispatches: it sleeps until the next delivery of any lane is due
// or the store tells of a new one. A lane that has more to do than it can do at
// once leases as many deliveries again as it has calls; its workers, a goroutine
// for each slot, go from one call to the next, and another goroutine stores
// what they came to. What was leased ahead is given back when the lane rests,
// changes or goes. An engine without work does nothing but look for orphans.
//
// What the store refuses is tried again for ever: an engine recovers by itself
// from whatever its store recovers from.
type Engine struct {
	store  Store
	opt    Options
	news   news
	health health

	wake     chan struct{}      // the dispatcher has something to look at; holds one
	loops    context.Context    //nolint:containedctx // ends the loops; the engine is their owner
	endLoops context.CancelFunc // first step of Stop
	calls    context.Context    //nolint:containedctx // ends the calls
	endCalls context.CancelCauseFunc
	uses     context.Context    //nolint:containedctx // ends the last uses of the store
	endUses  context.CancelFunc // last step of Stop
	running  sync.WaitGroup     // the loops
	stopOnce sync.Once
	stopErr  error
	renewal  *renewal

	retention atomic.Pointer[retention]
	retained  chan struct{} // it has changed; holds one

	mu          sync.Mutex
	generations int                      // attached now
	unknown     bool                     // lanes without configuration are told of
	attached    map[string][]*attachment // by lane, oldest first
	lanes       map[string]*queue
	due         dueHeap  // lanes by when they can be worked on
	ready       []*queue // lanes that can be worked on, in turn
	free        int      // slots for calls
	busy        int      // lanes that have a slot
	active      int      // goroutines of turns and calls
	idle        chan struct{}
	stopping    bool
}

// Why a call is given up.
var (
	errStopping  = errors.New("delivery: the gateway stopped during the call")
	errLeaseLost = errors.New("delivery: the lease was lost during the call")
)

// New starts an engine over a store. It sends nothing until lanes are attached.
// The store stays the caller's, to be closed after Stop.
func New(store Store, opt Options) *Engine {
	e := &Engine{
		store: store, opt: opt.withDefaults(),
		wake: make(chan struct{}, 1), idle: make(chan struct{}),
		attached: map[string][]*attachment{}, lanes: map[string]*queue{}, retained: make(chan struct{}, 1),
	}
	e.retention.Store(&retention{e.opt.Retention, e.opt.MaxBytes})
	e.free = e.opt.MaxConcurrent
	e.loops, e.endLoops = context.WithCancel(context.Background())
	e.calls, e.endCalls = context.WithCancelCause(context.Background())
	e.uses, e.endUses = context.WithCancel(context.Background())
	e.health = health{failing: map[string]error{}, changed: func(err error) {
		e.news.tell(func() { e.opt.Observer.StoreChanged(err) })
	}}
	e.renewal = newRenewal(e)

	loops := []func(context.Context){e.dispatch, e.watch, e.purge}
	if e.opt.Recoverer != nil {
		loops = append(loops, e.recoverOrphans)
	}
	for _, loop := range loops {
		e.running.Go(func() { loop(e.loops) })
	}
	e.running.Go(func() { e.renewal.run(e.uses) }) // also while Stop waits for calls
	return e
}

// Failing gives an error of the store while it fails: the gateway cannot be
// called ready. nil is well.
func (e *Engine) Failing() error { return e.health.err() }

// use calls the store with its timeout, and notes whether it worked.
func (e *Engine) use(ctx context.Context, name string, f func(context.Context) error) error {
	timed, cancel := context.WithTimeout(ctx, e.opt.StoreTimeout)
	defer cancel()
	err := f(timed)
	if ctx.Err() != nil && err != nil {
		return err // we stopped: that says nothing about the store
	}
	e.health.note(name, err)
	e.news.deliver()
	return err
}

// unlock releases the lock and tells observers what was noted under it.
func (e *Engine) unlock() {
	e.mu.Unlock()
	e.news.deliver()
}

// signal makes the dispatcher look.
func (e *Engine) signal() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}
