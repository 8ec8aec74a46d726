package main

import (
	"context"
	"time"
)

// deadHook is the endpoint that dies.
const deadHook = "r7"

// phase is a time in which one endpoint was dead or all were well.
type phase struct {
	From, To int64 // Unix time in nanoseconds
	Dead     bool
}

// deadEndpoint lets one of the endpoints die and live again, in turns: what the
// others notice of it is judged afterwards. Phases follow each other quickly, so
// that a machine that slows down does so in both kinds.
func deadEndpoint(ctx context.Context, a *arena) error {
	if err := rest(ctx, 2*time.Second); err != nil { // what is cold at first counts for nobody
		return err
	}
	for i := range 8 {
		dead := i%2 == 1
		state := well
		if dead {
			state = badModes[(i/2)%2] // refuse, hang
			a.faults++
		}
		if err := a.behave(ctx, deadHook, state); err != nil {
			return err
		}
		began := time.Now()
		if err := rest(ctx, a.set.For/8); err != nil {
			return err
		}
		a.phases = append(a.phases, phase{From: began.UnixNano(), To: time.Now().UnixNano(), Dead: dead})
	}
	return a.behave(ctx, deadHook, well)
}

// maxMove is how much the others' p99 may grow while one endpoint is dead.
const maxMove = 1.10

// judgeNeighbours compares the p99 of the endpoints that were well, from the
// register's entry to the receiver's, while one was dead and while none was.
// The well phases among themselves show how much the machine moves it alone.
func judgeNeighbours(a *arena, b books) {
	var alone, beside, even, odd []time.Duration
	for i, p := range a.phases {
		latencies := b.latencies(p, deadHook)
		switch {
		case p.Dead:
			beside = append(beside, latencies...)
			continue
		case i%4 == 0:
			even = append(even, latencies...)
		default:
			odd = append(odd, latencies...)
		}
		alone = append(alone, latencies...)
	}
	moved, noise := ratio(p99(beside), p99(alone)), ratio(p99(odd), p99(even))
	verdict := "met"
	if moved > maxMove {
		verdict = "missed"
	}
	if a.set.Parallel > 1 {
		a.note("other scenarios ran beside this one: its ratio means little")
	}
	a.note("others' p99 %s with one dead, %s with none: %.2f (wanted <= %.2f, %s; well phases among themselves %.2f)",
		p99(beside).Round(100*time.Microsecond), p99(alone).Round(100*time.Microsecond), moved, maxMove, verdict, noise)
}
