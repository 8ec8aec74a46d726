package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
)

// The two crowds of the memory part.
const (
	idleClients   = 1000
	largeRequests = 100
	largeSize     = 10 << 20
)

// settleTime lets the gateway finish what follows an answer before its memory is read.
const settleTime = 500 * time.Millisecond

// footprint is the memory of one gateway after one crowd.
type footprint struct {
	Gateway, Crowd string
	Before, After  memory
	Statuses       map[string]int
}

// measureMemory runs each gateway afresh for each crowd, so that a peak belongs
// to one crowd only.
func measureMemory(ctx context.Context, s *stage, chosen []scenario) ([]footprint, error) {
	var all []footprint
	for _, sc := range chosen {
		for _, crowd := range []struct {
			name                string
			size, count, atOnce int
		}{
			{fmt.Sprintf("%d idle clients", idleClients), requestSize, idleClients, 32},
			{fmt.Sprintf("%d x %d MiB at once", largeRequests, largeSize>>20), largeSize, largeRequests, largeRequests},
		} {
			seen, err := s.weigh(ctx, sc, crowd.size, crowd.count, crowd.atOnce)
			if err != nil {
				return nil, err
			}
			seen.Gateway, seen.Crowd = sc.Name, crowd.name
			all = append(all, seen)
		}
	}
	return all, nil
}

func (s *stage) weigh(ctx context.Context, sc scenario, size, count, atOnce int) (footprint, error) {
	gateway, err := s.startGateway(ctx, sc)
	if err != nil {
		return footprint{}, err
	}
	defer gateway.Stop(stopTimeout)
	var seen footprint
	if seen.Before, err = memoryOf(gateway.PID()); err != nil {
		return footprint{}, err
	}
	request := wire(gateway.Address, sc.Path, document(size))
	visitors := gather(ctx, gateway.Address, request, count, atOnce)
	defer visitors.leave()
	time.Sleep(settleTime)
	if seen.After, err = memoryOf(gateway.PID()); err != nil {
		return footprint{}, fmt.Errorf("%w\n%s", err, gateway.Output)
	}
	seen.Statuses = visitors.statuses
	return seen, nil
}

// maxBuffered is what the gateway is told to hold of all bodies together, in bytes.
const maxBuffered = 256 << 20

// memoryScenarios are the gateways that are weighed: plain, which streams, and one
// that holds, sends and changes every body. The second answers 503 to what comes
// over its limit.
func memoryScenarios() []scenario {
	limits := fmt.Sprintf("voorpoort {\n\t\tmax_body 16MiB\n\t\tmax_buffered %dMiB\n", maxBuffered>>20)
	all := scenarios()
	kept := slices.DeleteFunc(all, func(sc scenario) bool { return sc.Name != plain && sc.Name != "merge, transport" })
	for i := range kept {
		if inner := kept[i].global; inner != nil {
			kept[i].global = func(a addresses) string {
				return strings.Replace(inner(a), "voorpoort {\n", limits, 1)
			}
		}
	}
	return kept
}

func reportMemory(out io.Writer, all []footprint) {
	var doc table.Table
	doc.Add("gateway", "crowd", "max_buffered MiB", "RSS at start MiB", "RSS after MiB", "RSS peak MiB", "answers")
	for _, f := range all {
		limit := "-"
		if f.Gateway != plain {
			limit = mebibytes(maxBuffered)
		}
		answers := make([]string, 0, len(f.Statuses))
		for _, status := range slices.Sorted(maps.Keys(f.Statuses)) {
			answers = append(answers, fmt.Sprintf("%d x %s", f.Statuses[status], status))
		}
		doc.Add(f.Gateway, f.Crowd, limit, mebibytes(f.Before.Now), mebibytes(f.After.Now), mebibytes(f.After.Peak),
			strings.Join(answers, ", "))
	}
	fmt.Fprintln(out)
	doc.Print(out)
}

func mebibytes(bytes int64) string { return number(float64(bytes)/(1<<20), 0) }
