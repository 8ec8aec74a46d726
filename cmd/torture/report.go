package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
)

// report prints the table and, below it, what stands behind its numbers.
func report(out io.Writer, results []result, set settings) {
	fmt.Fprintf(out, "\nseed %d, %d rounds, %s on %s/%s, %d CPUs\n\n", set.Seed, set.Rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	var doc table.Table
	doc.Add("scenario", "faults", "writes", "accepted", "owed", "delivered", "duplicated", "unknown", "dead", "lost", "false", "verdict")
	for i := range results {
		doc.Add(row(&results[i])...)
	}
	doc.Print(out)
	fmt.Fprint(out, legend)
	for i := range results {
		explain(out, &results[i])
	}
}

const legend = `
owed: accepted writes, once for each webhook; duplicated: deliveries beyond the first; unknown: dead letters that say that the
register cannot tell what became of the write; dead: other dead letters; lost: owed and nowhere; false: delivered, promised or
kept for delivery, and not in the register's own record. lost and false must be 0.
`

func row(r *result) []string {
	if r.skipped != "" {
		return []string{r.scenario.Name, "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "skipped: " + r.skipped}
	}
	verdict := "ok"
	if !r.ok() {
		verdict = "FAILED"
	}
	t := &r.tally
	cells := []string{r.scenario.Name, fmt.Sprint(r.faults), fmt.Sprint(r.writes)}
	for _, count := range []int{t.Accepted, t.Owed, t.Delivered, t.Duplicated, t.Unknown, t.Dead, t.Lost, t.False} {
		cells = append(cells, fmt.Sprint(count))
	}
	return append(cells, verdict)
}

// explain prints a scenario's notes, and what went wrong in it.
func explain(out io.Writer, r *result) {
	if r.skipped != "" {
		return
	}
	fmt.Fprintf(out, "\n%s (%s): %s\n", r.scenario.Name, r.took.Round(time.Second), strings.Join(r.notes, "; "))
	for _, text := range r.tally.Examples {
		fmt.Fprintf(out, "  %s\n", text)
	}
	for _, text := range r.failed {
		fmt.Fprintf(out, "  FAILED: %s\n", strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    "))
	}
}

// sound tells whether every scenario that ran speaks for the gateway, and at
// least one ran.
func sound(results []result) bool {
	ran := false
	for i := range results {
		ran = ran || results[i].skipped == ""
		if !results[i].ok() {
			return false
		}
	}
	return ran
}
