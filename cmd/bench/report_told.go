package main

import (
	"fmt"
	"io"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
)

// printTold tells what became of the events of the accepted writes: a gateway
// that answers quickly and delivers never would win every comparison.
func printTold(out io.Writer, chosen []scenario, all results) {
	var doc table.Table
	doc.Add("scenario", "writes accepted", "told during the load", "told afterwards", "of these in ms", "told twice", "Redis CPU us/req")
	for _, sc := range chosen {
		if !sc.Told {
			continue
		}
		sum, redis := all.told(sc.Name)
		doc.Add(sc.Name, fmt.Sprint(sum.Accepted), share(sum.During, sum.Accepted), share(sum.After, sum.Accepted),
			all.drains(sc.Name).ranged(0), fmt.Sprint(sum.Twice), number(redis, 1))
	}
	if doc.Len() > 1 {
		fmt.Fprintln(out)
		doc.Print(out)
	}
}

// told adds up what became of all rounds' events, and gives the median of what
// Redis used for a request.
func (r results) told(name string) (sum aftermath, redis float64) {
	used := make([]float64, 0, len(r[name]))
	for _, round := range r[name] {
		sum.Accepted += round.told.Accepted
		sum.During += round.told.During
		sum.After += round.told.After
		sum.Twice += round.told.Twice
		used = append(used, round.redisMicros)
	}
	return sum, spreadOf(used).Median
}

// drains is how long it took after the load until everybody was told.
func (r results) drains(name string) spread {
	waits := make([]float64, 0, len(r[name]))
	for _, round := range r[name] {
		waits = append(waits, float64(round.told.Drain)/float64(time.Millisecond))
	}
	return spreadOf(waits)
}

func share(part, whole int) string {
	if whole == 0 {
		return fmt.Sprint(part)
	}
	return fmt.Sprintf("%d (%.1f %%)", part, 100*float64(part)/float64(whole))
}
