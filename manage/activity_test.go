package manage

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func everything(*News) bool { return true }

// eventIDs gives the events that news of attempts are about.
func eventIDs(news []*News) []string {
	var ids []string
	for _, n := range news {
		ids = append(ids, n.Attempt.EventID)
	}
	return ids
}

func TestAViewerGetsWhatHappensAfterItCame(t *testing.T) {
	t.Parallel()
	a := NewActivity(10)
	a.Attempt(AttemptNews{EventID: "before"})
	v := a.View(0, everything)
	a.Attempt(AttemptNews{EventID: "first"})
	a.Attempt(AttemptNews{EventID: "second"})

	news, dropped := v.Take(10)
	require.Equal(t, []string{"first", "second"}, eventIDs(news))
	require.Zero(t, dropped)
	require.Equal(t, news[0].ID+1, news[1].ID, "ids ascend")
	require.Equal(t, news[1].ID, v.Seen())

	news, _ = v.Take(10)
	require.Empty(t, news, "nothing twice")
}

func TestAViewerThatComesBackGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	a := NewActivity(10)
	v := a.View(0, everything)
	a.Attempt(AttemptNews{EventID: "seen"})
	v.Take(10)
	a.Attempt(AttemptNews{EventID: "missed"})

	news, dropped := a.View(v.Seen(), everything).Take(10)
	require.Equal(t, []string{"missed"}, eventIDs(news))
	require.Zero(t, dropped)
}

func TestAViewerOfAnEarlierStartGetsAllAndNoFalseCount(t *testing.T) {
	t.Parallel()
	a := NewActivity(10)
	a.Attempt(AttemptNews{EventID: "one"})
	news, dropped := a.View(a.first-5000, everything).Take(10)
	require.Equal(t, []string{"one"}, eventIDs(news))
	require.Zero(t, dropped)

	news, _ = a.View(a.first+5000, everything).Take(10)
	require.Empty(t, news, "an id that was never given is from now on")
}

func TestASlowViewerIsToldHowMuchItMissed(t *testing.T) {
	t.Parallel()
	a := NewActivity(4)
	v := a.View(0, everything)
	for i := range 10 {
		a.Attempt(AttemptNews{EventID: strconv.Itoa(i)})
	}
	news, dropped := v.Take(3)
	require.Equal(t, []string{"7", "8", "9"}, eventIDs(news))
	require.EqualValues(t, 7, dropped, "six that are not kept and one that did not fit")
}

func TestAViewerSeesOnlyWhatItAskedFor(t *testing.T) {
	t.Parallel()
	a := NewActivity(10)
	v := a.View(0, func(n *News) bool { return n.Webhook == "b" })
	a.Attempt(AttemptNews{Webhook: "a", EventID: "1"})
	a.Attempt(AttemptNews{Webhook: "b", EventID: "2"})
	news, _ := v.Take(10)
	require.Equal(t, []string{"2"}, eventIDs(news))
}

func TestViewersAreWokenTogetherAtMostOnceABeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewActivity(100)
		v := a.View(0, everything)
		woken := make(chan struct{})
		go func() {
			_ = v.Wait(t.Context())
			close(woken)
		}()
		synctest.Wait()
		began := time.Now()
		for range 50 {
			a.Webhooks()
		}
		<-woken
		require.Equal(t, beat, time.Since(began))
		news, _ := v.Take(100)
		require.Len(t, news, 50)
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewActivity(10)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		v := a.View(0, everything)
		require.ErrorIs(t, v.Wait(ctx), context.DeadlineExceeded)
		a.Webhooks()
		require.ErrorIs(t, v.Wait(ctx), context.DeadlineExceeded, "also when there is something")
		require.Zero(t, a.watching, "nobody is counted who left")
	})
}

// TestViewersThatNeverLookCostNothing: the work of telling does not depend on
// who watches.
func TestViewersThatNeverLookCostNothing(t *testing.T) {
	a := NewActivity(1000)
	tell := func() { a.Attempt(AttemptNews{Webhook: "a", Duration: time.Millisecond}) }
	alone := testing.AllocsPerRun(1000, tell)
	viewers := make([]*Viewer, 200)
	for i := range viewers {
		viewers[i] = a.View(0, everything)
	}
	require.InDelta(t, alone, testing.AllocsPerRun(1000, tell), 0.5)
	for _, v := range viewers {
		news, dropped := v.Take(10)
		require.Len(t, news, 10)
		require.EqualValues(t, 1001-10, dropped)
	}
}

func TestManyTellAndManyWatch(t *testing.T) {
	t.Parallel()
	a := NewActivity(100)
	ctx, cancel := context.WithCancel(t.Context())
	var watchers, tellers sync.WaitGroup
	for range 20 {
		watchers.Go(func() {
			v := a.View(0, everything)
			for last := uint64(0); v.Wait(ctx) == nil; {
				news, _ := v.Take(50)
				for _, n := range news {
					if n.ID <= last {
						t.Error("news came in another order than they happened")
					}
					last = n.ID
				}
			}
		})
	}
	for range 4 {
		tellers.Go(func() {
			for range 500 {
				a.Attempt(AttemptNews{})
				a.Interception(InterceptionNews{})
				a.Lane(LaneNews{})
			}
		})
	}
	tellers.Wait()
	cancel()
	watchers.Wait()
	points := a.Series(time.Hour).Points
	total := uint64(0)
	for _, p := range points {
		total += p.Attempts + p.Interceptions
	}
	require.EqualValues(t, 4*500*2, total)
}

func TestTheLastInterceptionsAreKeptBesideTheNews(t *testing.T) {
	t.Parallel()
	a := NewActivity(4)
	pointers := []string{"/name"}
	a.Interception(InterceptionNews{Webhook: "check", EventID: "1", Changed: pointers})
	a.Interception(InterceptionNews{Webhook: "other", EventID: "2"})
	a.Interception(InterceptionNews{Webhook: "check", EventID: "3"})
	for range 10 {
		a.Attempt(AttemptNews{})
	}
	pointers[0] = "/changed by its owner"

	ofCheck := func(n *News) bool { return n.Webhook == "check" }
	found := a.Interceptions(ofCheck, 0, 10)
	require.Len(t, found, 2)
	require.Equal(t, "3", found[0].Interception.EventID, "newest first")
	require.Equal(t, []string{"/name"}, found[1].Interception.Changed)

	require.Len(t, a.Interceptions(ofCheck, found[0].ID, 10), 1, "a page behind the first")
	require.Len(t, a.Interceptions(ofCheck, 0, 1), 1)
}

func BenchmarkActivityAttempt(b *testing.B) {
	for _, viewers := range []int{0, 200} {
		b.Run(strconv.Itoa(viewers)+" viewers", func(b *testing.B) {
			a := NewActivity(0)
			ctx, cancel := context.WithCancel(b.Context())
			var running sync.WaitGroup
			for range viewers {
				running.Go(func() {
					for v := a.View(0, everything); v.Wait(ctx) == nil; {
						v.Take(50)
					}
				})
			}
			b.ReportAllocs()
			for b.Loop() {
				a.Attempt(AttemptNews{Webhook: "a", Duration: time.Millisecond})
			}
			cancel()
			running.Wait()
		})
	}
}
