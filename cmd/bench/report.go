package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
)

// report prints what was measured and how it stands beside the promises.
func report(out io.Writer, chosen []scenario, all results, set settings) {
	fmt.Fprintf(out, "\nPOST %d bytes of JSON -> 201 and %d bytes, %d keep-alive connections, closed loop, all on loopback.\n",
		requestSize, answerSize, set.Connections)
	fmt.Fprintf(out, "%d rounds of %s each, interleaved A B C ... C B A; GOGC=%s in every gateway; %s, %d CPUs, shared by all.\n",
		set.Rounds, set.Duration, set.GOGC, runtime.Version(), runtime.NumCPU())
	fmt.Fprint(out, "Medians, and in parentheses the lowest and the highest round. Only ratios of one run mean something.\n\n")
	printScenarios(out, chosen, all)
	printTold(out, chosen, all)
	printTargets(out, chosen, all)
}

func printScenarios(out io.Writer, chosen []scenario, all results) {
	var doc table.Table
	doc.Add("scenario", "req/s", "p50 us", "p99 us", "gateway CPU us/req", "req/s beside "+plain, "CPU beside", "errors")
	for _, sc := range chosen {
		failed, failure := all.errors(sc.Name)
		errors := fmt.Sprint(failed)
		if failed > 0 {
			errors += " (" + failure + ")"
		}
		doc.Add(
			sc.Name,
			spreadOf(all.values(sc.Name, throughput)).ranged(0),
			number(spreadOf(all.values(sc.Name, p50)).Median, 0),
			number(spreadOf(all.values(sc.Name, p99)).Median, 0),
			number(spreadOf(all.values(sc.Name, cpu)).Median, 1),
			comparable(sc, all, throughput),
			comparable(sc, all, cpu),
			errors,
		)
	}
	doc.Print(out)
}

// comparable is the ratio to plain reverse_proxy, for scenarios with as many
// connections as that one had.
func comparable(sc scenario, all results, m metric) string {
	if sc.Connections > 0 {
		return "-"
	}
	return all.ratio(sc.Name, plain, m).ranged(2)
}

func printTargets(out io.Writer, chosen []scenario, all results) {
	measured := func(name string) bool {
		return slices.ContainsFunc(chosen, func(sc scenario) bool { return sc.Name == name })
	}
	var doc table.Table
	doc.Add("promise", "metric", "wanted", "measured", "verdict")
	for _, t := range targets() {
		if !measured(t.Scenario) || !measured(t.Baseline) {
			continue
		}
		ratio := all.ratio(t.Scenario, t.Baseline, t.Metric)
		doc.Add(t.Scenario+" / "+t.Baseline, string(t.Metric), t.bound(), ratio.ranged(2), verdict(t.met(ratio.Median)))
	}
	if doc.Len() > 1 {
		fmt.Fprintln(out)
		doc.Print(out)
	}
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}
