package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// shaky is a store that can be made to fail, and counts its uses.
type shaky struct {
	*storetest.Memory
	mu      sync.Mutex
	fail    func(method string, arg any) error
	used    map[string]int
	orphans []delivery.Hold
	purges  []time.Time
}

func newShaky() *shaky { return &shaky{Memory: storetest.NewMemory(), used: map[string]int{}} }

func (s *shaky) failWith(f func(method string, arg any) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

func (s *shaky) use(method string, arg any) error {
	s.mu.Lock()
	s.used[method]++
	f := s.fail
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(method, arg)
}

func (s *shaky) uses(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used[method]
}

func (s *shaky) Lease(ctx context.Context, lane string, limit int, until time.Time) ([]delivery.Lease, time.Time, error) {
	if err := s.use("lease", lane); err != nil {
		return nil, time.Time{}, err
	}
	return s.Memory.Lease(ctx, lane, limit, until)
}

func (s *shaky) Extend(ctx context.Context, until time.Time, leases ...delivery.Lease) ([]delivery.Lease, error) {
	if err := s.use("extend", leases); err != nil {
		return nil, err
	}
	return s.Memory.Extend(ctx, until, leases...)
}

func (s *shaky) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	if err := s.use("finish", outcomes); err != nil {
		return err
	}
	return s.Memory.Finish(ctx, outcomes...)
}

func (s *shaky) Watch(ctx context.Context, found func(string, time.Time)) error {
	if err := s.use("watch", nil); err != nil {
		return err
	}
	return s.Memory.Watch(ctx, found)
}

func (s *shaky) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if err := s.use("release", hold); err != nil {
		return err
	}
	return s.Memory.Release(ctx, hold, messages...)
}

func (s *shaky) Orphans(_ context.Context, limit int) ([]delivery.Hold, error) {
	err := s.use("orphans", limit)
	if err != nil && !errors.Is(err, errOneUnreadable) {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(limit, len(s.orphans))
	claimed := s.orphans[:n]
	s.orphans = s.orphans[n:]
	return claimed, err
}

// errOneUnreadable comes beside the orphans that can be read.
var errOneUnreadable = errors.New("a hold cannot be read")

func (s *shaky) Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error) {
	if err := s.use("purge", before); err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.purges = append(s.purges, before)
	s.mu.Unlock()
	return s.Memory.Purge(ctx, before, maxBytes)
}

// journal is an observer that keeps what it is told.
type journal struct {
	mu       sync.Mutex
	attempts []delivery.Attempt
	lanes    []delivery.LaneStatus
	store    []string
	orphans  []string
	lost     []string
}

func (j *journal) OutcomeLost(o *delivery.Outcome, row bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lost = append(j.lost, fmt.Sprint(o.Lease.Message.ID, " ", row, " ", err))
}

func (j *journal) AttemptFinished(_ string, a *delivery.Attempt, _ delivery.Verdict) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.attempts = append(j.attempts, *a)
}

func (j *journal) LaneChanged(s delivery.LaneStatus) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lanes = append(j.lanes, s)
}

func (j *journal) StoreChanged(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.store = append(j.store, fmt.Sprint(err))
}

func (j *journal) OrphanTried(h delivery.Hold, messages int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.orphans = append(j.orphans, fmt.Sprint(h.ID, " ", messages, " ", err))
}

func (j *journal) finished() []delivery.Attempt {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.attempts)
}

func (j *journal) tried() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.orphans)
}

// states gives the states that a lane came into, in order.
func (j *journal) states(lane string) (states []delivery.LaneState) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.lanes {
		if s.Lane == lane {
			states = append(states, s.State)
		}
	}
	return states
}

func (j *journal) storeChanges() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.store)
}

// scene is an engine over a shaky store.
type scene struct {
	t      *testing.T
	begun  time.Time
	store  *shaky
	engine *delivery.Engine
	told   *journal
}

// newScene starts an engine without jitter; it is stopped with the test.
func newScene(t *testing.T, opt delivery.Options) *scene {
	s := &scene{t: t, begun: time.Now(), store: newShaky(), told: &journal{}}
	s.engine = s.start(opt)
	return s
}

// start starts a further engine over the same store.
func (s *scene) start(opt delivery.Options) *delivery.Engine {
	if opt.Random == nil {
		opt.Random = func() float64 { return 0 }
	}
	opt.Observer = s.told
	e := delivery.New(s.store, opt)
	s.t.Cleanup(func() { _ = e.Stop(context.Background()) })
	return e
}

// lane attaches one lane for a receiver.
func (s *scene) lane(l delivery.Lane) (detach func()) {
	return s.engine.Attach([]delivery.Lane{l})
}

func (s *scene) append(messages ...delivery.Message) {
	s.t.Helper()
	require.NoError(s.t, s.store.Append(context.Background(), messages...))
}

// appendMany appends n messages to a lane, named m1 and on.
func (s *scene) appendMany(lane string, n int) {
	s.t.Helper()
	for i := range n {
		s.append(message(fmt.Sprint("m", i+1), lane))
	}
}

// where gives a lane's deliveries in a state, by id of their message.
func (s *scene) where(lane string, state delivery.State) (ids []string) {
	s.t.Helper()
	all, err := s.store.Deliveries(context.Background(), delivery.DeliveryQuery{Lane: lane, State: state, Limit: 1000})
	require.NoError(s.t, err)
	for _, d := range all {
		ids = append(ids, d.Message.ID)
	}
	return ids
}

// reason is why a lane's only dead letter is dead.
func (s *scene) reason(lane string) string {
	s.t.Helper()
	all, err := s.store.Deliveries(context.Background(), delivery.DeliveryQuery{Lane: lane, State: delivery.Dead})
	require.NoError(s.t, err)
	require.Len(s.t, all, 1)
	return all[0].Reason
}

func (s *scene) state(lane string) delivery.LaneState {
	s.t.Helper()
	status, ok := s.engine.Status(lane)
	require.True(s.t, ok)
	return status.State
}

func message(id string, lanes ...string) delivery.Message {
	m := delivery.Message{ID: id, Source: "urn:test", Type: "nl.test.made", Time: time.Now(), Event: []byte(`{}`)}
	for _, l := range lanes {
		m.Targets = append(m.Targets, delivery.Target{Lane: l})
	}
	return m
}

func keyed(id, lane, key string) delivery.Message {
	m := message(id, lane)
	m.Targets[0].Key = key
	return m
}

func schedule(t testing.TB, policy string, retries int) delivery.Schedule {
	s, err := delivery.ParseSchedule(policy, retries)
	require.NoError(t, err)
	return s
}

// pass lets time go by, and everything that happens in it.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
