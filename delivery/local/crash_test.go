package local_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

// victim names, in the environment of a child of this test, the folder of the
// store that the child uses until it is killed.
const victim = "VOORPOORT_TEST_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		live(dir)
		return
	}
	os.Exit(m.Run())
}

// live appends, holds, releases, leases and finishes until the process is
// killed, and prints what was acknowledged, each on a line: "begin id" before
// the call and "m id", "h id", "r id" and "d id" (message, hold, release,
// delivered) after it.
func live(dir string) {
	s, err := local.Open(dir, local.Options{SegmentBytes: 64 << 10})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	var mu sync.Mutex
	say := func(what, id string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(what, id)
	}
	run := fmt.Sprint(time.Now().UnixNano())
	for w := range 16 {
		go producer(s, fmt.Sprint(run, "-", w, "-"), say)
	}
	for range 4 {
		go consumer(s, say)
	}
	go editor(s, run, say)
	go subscriber(s, say)
	// The parent kills this process; without a parent it ends.
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func victimMessage(id string) delivery.Message {
	return delivery.Message{
		ID: id, Source: "/victim", Type: "t", Time: time.Now(), Event: []byte(strings.Repeat(id, 40)),
		Targets: []delivery.Target{{Lane: "a"}, {Lane: "kept"}, {Lane: "pull"}, {Lane: "keyed", Key: id[len(id)-1:]}},
	}
}

func producer(s *local.Store, prefix string, say func(what, id string)) {
	ctx := context.Background()
	for i := 0; ; i++ {
		id := fmt.Sprint(prefix, i)
		m := victimMessage(id)
		if i%2 == 0 {
			if s.Append(ctx, m) == nil {
				say("m", id)
			}
			continue
		}
		if s.Hold(ctx, delivery.Hold{ID: id, Created: time.Now(), Intent: []byte(id)}) != nil {
			continue
		}
		say("h", id)
		if i%5 == 0 {
			continue // it stays a hold
		}
		say("s", id)
		if s.Release(ctx, id, m) == nil {
			say("r", id)
		}
	}
}

func consumer(s *local.Store, say func(what, id string)) {
	ctx := context.Background()
	for {
		leases, _, err := s.Lease(ctx, "a", 8, time.Now().Add(time.Minute))
		if err != nil || len(leases) == 0 {
			time.Sleep(time.Millisecond)
			continue
		}
		for _, l := range leases {
			o := delivery.Outcome{Lease: l, Verdict: delivery.Done, Attempt: &delivery.Attempt{
				Lane: "a", Message: l.Message.ID, Seq: l.Message.Seq, Time: time.Now(), Success: true,
			}}
			if s.Finish(ctx, o) == nil {
				say("d", l.Message.ID)
			}
		}
	}
}

// TestKill kills a process that uses a store, again and again, at moments that
// it does not know of. After each: every message and hold that was acknowledged
// is there, none twice, and what was not settled is an orphan.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	dir := t.TempDir()
	seen := &witness{
		messages: map[string]bool{}, holds: map[string]bool{}, settling: map[string]bool{},
		managed: managed{documents: map[string]revised{}, removing: map[string]bool{}, fetched: map[string]bool{}},
	}
	for round := range rounds {
		kill(t, dir, time.Duration(20+rand.IntN(250))*time.Millisecond, seen)
		seen.check(t, dir, round)
	}
	require.Greater(t, len(seen.messages), rounds, "the victims did something")
	require.NotEmpty(t, seen.managed.documents)
	require.NotEmpty(t, seen.managed.fetched)
	t.Logf("%d messages and %d holds were acknowledged in %d lives", len(seen.messages), len(seen.holds), rounds)
}

// witness is what was acknowledged by victims.
type witness struct {
	messages map[string]bool
	holds    map[string]bool // not settled
	settling map[string]bool // a release was begun that nobody heard the end of

	managed managed
}

func kill(t *testing.T, dir string, after time.Duration, seen *witness) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), victim+"="+dir)
	stdin, err := c.StdinPipe()
	require.NoError(t, err)
	defer func() { _ = stdin.Close() }()
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	lines := bufio.NewScanner(out)
	begun := false
	for lines.Scan() {
		if !begun {
			// From the first acknowledged call on.
			begun = true
			time.AfterFunc(after, func() { _ = c.Process.Kill() })
		}
		seen.hear(t, lines.Text())
	}
	require.Error(t, c.Wait(), "it was killed")
}

func (w *witness) hear(t *testing.T, line string) {
	t.Helper()
	what, id, whole := strings.Cut(line, " ")
	if !whole {
		return // cut off by the kill
	}
	switch what {
	case "m":
		w.messages[id] = true
	case "h":
		w.holds[id] = true
	case "s":
		w.settling[id] = true
	case "r":
		w.messages[id] = true
		delete(w.holds, id)
		delete(w.settling, id)
	case "d":
	case "p", "x", "a":
		w.managed.hear(t, what, id)
	default:
		require.Fail(t, line)
	}
}

func (w *witness) check(t *testing.T, dir string, round int) {
	t.Helper()
	s, err := local.Open(dir, local.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	orphans, err := s.Orphans(t.Context(), 1<<20)
	require.NoError(t, err)
	held := map[string]bool{}
	for _, o := range orphans {
		require.False(t, held[o.ID], "one hold twice")
		require.Equal(t, o.ID, string(o.Intent))
		held[o.ID] = true
	}
	stored := w.stored(t, s)
	for id := range w.messages {
		require.True(t, stored[id], "round %d: message %s is lost", round, id)
	}
	for id := range w.holds {
		if w.settling[id] && stored[id] {
			// The release was made and nobody heard of it.
			require.False(t, held[id], "round %d: %s is held and released", round, id)
			w.messages[id] = true
			delete(w.holds, id)
			continue
		}
		require.True(t, held[id], "round %d: hold %s is lost", round, id)
	}
	clear(w.settling)
	w.managed.check(t, s, round)
}

// stored gives the ids in the lane that nobody leases, each of which must be
// there once, with its bytes.
func (w *witness) stored(t *testing.T, s *local.Store) map[string]bool {
	t.Helper()
	stored := map[string]bool{}
	q := delivery.DeliveryQuery{Lane: "kept", Limit: 1000}
	for {
		page, err := s.Deliveries(t.Context(), q)
		require.NoError(t, err)
		for _, d := range page {
			id := d.Message.ID
			require.False(t, stored[id], "message %s twice", id)
			require.Equal(t, strings.Repeat(id, 40), string(d.Message.Event))
			stored[id] = true
			q.After = &delivery.Position{Lane: d.Lane, Seq: d.Seq}
		}
		if len(page) == 0 {
			break
		}
	}
	st, err := s.Stats(t.Context(), "kept")
	require.NoError(t, err)
	require.EqualValues(t, len(stored), st.Pending)
	a, err := s.Stats(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, len(stored), a.Pending+a.Successful)
	return stored
}

// TestOneOwner: a second process, or a second store in this one, is told that
// the folder is taken.
func TestOneOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := local.Open(dir, local.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = local.Open(dir, local.Options{LockWait: 50 * time.Millisecond})
	require.ErrorIs(t, err, local.ErrLocked)
	require.ErrorContains(t, err, dir)
}
