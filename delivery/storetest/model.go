package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// modelSeeds are the random walks of each run: always the same.
var modelSeeds = []uint64{1, 2, 3, 4, 5, 6, 7, 8}

// modelSteps is the length of a walk.
const modelSteps = 300

var modelClauses = func() []clause {
	clauses := make([]clause, len(modelSeeds))
	for i, seed := range modelSeeds {
		clauses[i] = clause{fmt.Sprint("walk ", seed), func(h *harness) {
			w := &walk{h: h, model: NewMemory(), random: rand.New(rand.NewPCG(seed, 20261122))} //nolint:gosec // a walk that can be repeated
			for range modelSteps {
				w.step()
			}
			w.compare()
		}}
	}
	return clauses
}()

// walk does the same random operations on a store and on the model, and compares
// what they give. Times are far in the past or in the future, so that no
// operation depends on how fast the store is.
type walk struct {
	h      *harness
	model  *Memory
	random *rand.Rand
	count  int
	steps  []string

	held   []string
	leases [][2]delivery.Lease // of the store and of the model, for the same delivery
}

var (
	walkLanes = []string{"a", "b", "c"}
	walkKeys  = []string{"", "", "x", "y"}
)

func (w *walk) step() {
	w.h.Helper()
	ops := []struct {
		weight int
		name   string
		do     func()
	}{
		{6, "append", w.append},
		{1, "append again", w.appendAgain},
		{2, "hold", w.hold},
		{2, "release", w.release},
		{8, "lease", w.lease},
		{8, "finish", w.finish},
		{1, "extend", w.extend},
		{2, "replay", w.replay},
		{1, "discard", w.discard},
		{1, "settle", w.settle},
		{1, "compare", w.compare},
	}
	n := w.random.IntN(33)
	for _, op := range ops {
		if n -= op.weight; n < 0 {
			w.steps = append(w.steps, op.name)
			op.do()
			return
		}
	}
}

func pick[T any](w *walk, from []T) T { return from[w.random.IntN(len(from))] }

func (w *walk) note(format string, args ...any) {
	w.steps[len(w.steps)-1] += " " + fmt.Sprintf(format, args...)
}

// both is that the store and the model give the same error.
func (w *walk) both(got, want error) {
	w.h.Helper()
	for _, sentinel := range []error{delivery.ErrNoHold, delivery.ErrNotFound} {
		if errors.Is(want, sentinel) {
			require.ErrorIs(w.h, got, sentinel, w.steps)
			return
		}
	}
	require.NoError(w.h, want)
	require.NoError(w.h, got, w.steps)
}

func (w *walk) message() delivery.Message {
	w.count++
	m := message(fmt.Sprint("m", w.count))
	for _, lane := range walkLanes {
		t := delivery.Target{Lane: lane, Key: pick(w, walkKeys)}
		switch w.random.IntN(10) {
		case 0:
			t.Skip = "disabled"
		case 1:
			t.Dead = "unsendable"
		case 2:
			t.Due = soon()
		case 3, 4, 5:
			continue
		}
		m.Targets = append(m.Targets, t)
	}
	w.note("%s %+v", m.ID, m.Targets)
	return m
}

func (w *walk) append() {
	messages := []delivery.Message{w.message()}
	if w.random.IntN(3) == 0 {
		messages = append(messages, w.message())
	}
	w.both(w.h.Append(w.h.ctx, messages...), w.model.Append(w.h.ctx, messages...))
}

func (w *walk) appendAgain() {
	if w.count == 0 {
		return
	}
	m := message(fmt.Sprint("m", 1+w.random.IntN(w.count)), walkLanes...)
	w.note("%s", m.ID)
	w.both(w.h.Append(w.h.ctx, m), w.model.Append(w.h.ctx, m))
}

func (w *walk) hold() {
	w.count++
	hold := delivery.Hold{ID: fmt.Sprint("h", w.count), Created: time.Now(), Intent: []byte(`{}`)}
	w.held = append(w.held, hold.ID)
	w.both(w.h.Hold(w.h.ctx, hold), w.model.Hold(w.h.ctx, hold))
}

func (w *walk) release() {
	if len(w.held) == 0 {
		return
	}
	var messages []delivery.Message
	if w.random.IntN(2) == 0 {
		messages = append(messages, w.message())
	}
	hold := pick(w, w.held)
	w.note("%s", hold)
	w.both(w.h.Release(w.h.ctx, hold, messages...), w.model.Release(w.h.ctx, hold, messages...))
}

func (w *walk) lease() {
	lane, limit, until := pick(w, walkLanes), 1+w.random.IntN(4), soon()
	if w.random.IntN(6) == 0 {
		until = time.Now().Add(-time.Second)
	}
	// What the store has been told before is what it leases now.
	w.h.stats(lane)
	got, gotNext, err := w.h.Lease(w.h.ctx, lane, limit, until)
	require.NoError(w.h, err)
	want, wantNext, err := w.model.Lease(w.h.ctx, lane, limit, until)
	require.NoError(w.h, err)
	w.note("%s %d %v", lane, limit, ids(want))
	require.ElementsMatch(w.h, w.described(want), w.described(got), w.steps)
	w.when(wantNext, gotNext)
	for _, g := range got {
		for _, m := range want {
			if g.Message.ID == m.Message.ID {
				w.leases = append(w.leases, [2]delivery.Lease{g, m})
			}
		}
	}
}

func (w *walk) described(leases []delivery.Lease) []string {
	all := make([]string, 0, len(leases))
	for _, l := range leases {
		all = append(all, fmt.Sprintf("%s %s attempt %d replayed %v", l.Lane, l.Message.ID, l.Attempt, l.Replayed))
	}
	return all
}

// when compares times that are now, past or an hour away.
func (w *walk) when(want, got time.Time) {
	w.h.Helper()
	if want.IsZero() || got.IsZero() || want.After(time.Now().Add(time.Minute)) {
		require.WithinDuration(w.h, want, got, 5*time.Second, w.steps)
		return
	}
	require.False(w.h, got.After(time.Now().Add(granularity)), "%v, now is %v: %v", got, time.Now(), w.steps)
}

func (w *walk) finish() {
	if len(w.leases) == 0 {
		return
	}
	i := w.random.IntN(len(w.leases))
	l := w.leases[i]
	// A lease is kept now and then, to be finished once more when it is lost.
	if w.random.IntN(8) > 0 {
		w.leases = append(w.leases[:i], w.leases[i+1:]...)
	}
	verdict := delivery.Verdict(1 + w.random.IntN(4))
	var due time.Time
	if w.random.IntN(2) == 0 {
		due = soon()
	}
	park, logged := w.random.IntN(3) == 0, w.random.IntN(5) > 0
	w.note("%s %s verdict %d park %v due %v", l[0].Lane, l[0].Message.ID, verdict, park, due)
	outcome := func(l delivery.Lease) delivery.Outcome {
		o := delivery.Outcome{Lease: l, Verdict: verdict, Due: due, Park: park, Reason: "why"}
		if logged {
			o.Attempt = row(l, verdict == delivery.Done)
		}
		return o
	}
	w.both(w.h.Finish(w.h.ctx, outcome(l[0])), w.model.Finish(w.h.ctx, outcome(l[1])))
}

func (w *walk) extend() {
	if len(w.leases) == 0 {
		return
	}
	l := pick(w, w.leases)
	got, err := w.h.Extend(w.h.ctx, soon(), l[0])
	require.NoError(w.h, err)
	want, err := w.model.Extend(w.h.ctx, soon(), l[1])
	require.NoError(w.h, err)
	require.Len(w.h, got, len(want), w.steps)
}

// place is a message by its id and by the positions that each store gave it.
func (w *walk) place() (id string, got, want uint64) {
	id = fmt.Sprint("m", 1+w.random.IntN(w.count+1))
	m, _, err := w.model.Message(w.h.ctx, source, id)
	if err != nil {
		return id, 1 << 40, 1 << 40
	}
	s, _, err := w.h.Message(w.h.ctx, source, id)
	require.NoError(w.h, err, w.steps)
	return id, s.Seq, m.Seq
}

func (w *walk) replay() {
	lane := pick(w, walkLanes)
	id, got, want := w.place()
	if w.model.at(lane, want) != nil && w.model.at(lane, want).token != 0 {
		return // Whether a lease survives a replay is the store's own affair.
	}
	var due time.Time
	if w.random.IntN(4) == 0 {
		due = soon()
	}
	w.note("%s %s due %v", lane, id, due)
	w.both(w.h.Replay(w.h.ctx, lane, got, due), w.model.Replay(w.h.ctx, lane, want, due))
}

func (w *walk) discard() {
	lane := pick(w, walkLanes)
	id, got, want := w.place()
	w.note("%s %s", lane, id)
	w.both(w.h.Discard(w.h.ctx, lane, got, "no"), w.model.Discard(w.h.ctx, lane, want, "no"))
}

func (w *walk) settle() {
	lane := pick(w, walkLanes)
	id, got, want := w.place()
	w.note("%s %s", lane, id)
	w.both(w.h.Settle(w.h.ctx, lane, got), w.model.Settle(w.h.ctx, lane, want))
}

// compare is that people see the same in both.
func (w *walk) compare() {
	q := delivery.DeliveryQuery{
		Lane: pick(w, append(walkLanes, "")), State: delivery.State(w.random.IntN(6)),
		Newest: w.random.IntN(2) == 0, Limit: 1000,
	}
	require.Len(w.h, w.h.allStats(), len(w.modelStats()), w.steps)
	got, want := w.h.deliveries(q), w.modelDeliveries(q)
	require.Equal(w.h, places(want), places(got), "%v", w.steps)
	for i, d := range got {
		require.Equal(w.h, want[i].State, d.State, "%s %s: %v", d.Lane, d.Message.ID, w.steps)
		require.Equal(w.h, want[i].Waiting, d.Waiting, "%s %s: %v", d.Lane, d.Message.ID, w.steps)
		require.Equal(w.h, want[i].Key, d.Key)
		require.Equal(w.h, want[i].Reason, d.Reason)
		if d.State == delivery.Pending {
			w.when(want[i].Due, d.Due)
		}
	}
	for _, lane := range walkLanes {
		w.compareLane(lane)
	}
	holds, err := w.model.Holds(w.h.ctx, 1000)
	require.NoError(w.h, err)
	require.Len(w.h, w.h.holds(1000), len(holds))
}

func (w *walk) modelDeliveries(q delivery.DeliveryQuery) []delivery.Delivery {
	all, err := w.model.Deliveries(w.h.ctx, q)
	require.NoError(w.h, err)
	return all
}

func (w *walk) modelStats() map[string]delivery.Stats {
	all, err := w.model.AllStats(w.h.ctx)
	require.NoError(w.h, err)
	return all
}

func (w *walk) compareLane(lane string) {
	got := w.h.stats(lane)
	want, err := w.model.Stats(w.h.ctx, lane)
	require.NoError(w.h, err)
	for _, t := range [][2]*time.Time{{&want.LastAttempt, &got.LastAttempt}, {&want.LastSuccess, &got.LastSuccess}, {&want.LastFailure, &got.LastFailure}} {
		require.WithinDuration(w.h, *t[0], *t[1], 5*time.Second)
		*t[0], *t[1] = time.Time{}, time.Time{}
	}
	require.Equal(w.h, want, got, "lane %s: %v", lane, w.steps)
	success := w.random.IntN(2) == 0
	q := delivery.AttemptQuery{Lane: lane, Success: &success, Limit: 1 + w.random.IntN(20), Offset: w.random.IntN(5)}
	rows, total := w.h.rows(q)
	wantRows, wantTotal, err := w.model.Attempts(w.h.ctx, q)
	require.NoError(w.h, err)
	require.Equal(w.h, wantTotal, total)
	require.Len(w.h, rows, len(wantRows))
	for i, r := range rows {
		require.Equal(w.h, wantRows[i].Message, r.Message)
		require.Equal(w.h, wantRows[i].Number, r.Number)
	}
}
