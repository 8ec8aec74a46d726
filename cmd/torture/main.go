// Command torture treats the gateway badly and counts what it loses.
//
//	go run ./cmd/torture [-rounds 100] [-for 2m] [-seed 1] [-short] [-only redis,disk]
//
// It builds cmd/voorpoort and runs it between a register, receivers and clients
// of its own, each of which writes down what it did before it says so. While the
// clients write, the gateway is killed, its store is taken away, its receivers
// fail. Afterwards an auditor compares the register's own list with the
// receivers': it asks the gateway nothing. It only opens the store when the
// gateway is gone, to see which of the missing events are dead letters.
//
// The exit code is 1 when an event was lost, was about nothing, or did not come
// in time. Scenarios that cannot run here are in the table with the reason.
// Traffic stays on the loopback interface.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	var set settings
	flag.Uint64Var(&set.Seed, "seed", uint64(time.Now().UnixNano()%1e9), "of all that is random; the default is another each time")
	flag.IntVar(&set.Rounds, "rounds", 100, "how often the gateway is killed; other faults come a part of that often")
	flag.DurationVar(&set.For, "for", 2*time.Minute, "how long Redis answers with errors, and how long other long states last")
	flag.DurationVar(&set.Patience, "patience", 2*time.Minute, "how long the last deliveries are waited for")
	flag.IntVar(&set.Clients, "clients", 8, "that write at the same time")
	flag.Float64Var(&set.Rate, "rate", 200, "writes a second, of all clients")
	flag.IntVar(&set.Parallel, "parallel", 1, "scenarios at the same time")
	flag.BoolVar(&set.Short, "short", false, "a few scenarios with a few faults, side by side, in about 90 seconds")
	flag.StringVar(&set.Only, "only", "", "run only scenarios whose name contains one of these `parts`, comma-separated")
	flag.StringVar(&set.Gateway, "gateway", "", "a gateway `program` that is built already")
	flag.BoolVar(&set.Keep, "keep", false, "keep the folder with the records of a run that went well, too")
	role := flag.String("role", "", "used by the program itself: play the register or the receivers")
	listen := flag.String("listen", "", "used by the program itself")
	recordFile := flag.String("record", "", "used by the program itself")
	receivers := flag.String("receivers", "", "used by the program itself")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	switch *role {
	case "":
		err = torture(ctx, set)
	case "register":
		err = serveRegister(ctx, *listen, *recordFile)
	case "receivers":
		err = serveReceivers(ctx, *listen, *recordFile, strings.Split(*receivers, ","))
	default:
		err = fmt.Errorf("no role is called %q", *role)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

var errUnsound = errors.New("the gateway did not stand it")

func torture(ctx context.Context, set settings) error {
	if err := set.check(); err != nil {
		return err
	}
	if set.Short {
		set.shorten()
	}
	chosen, err := choose(scenarios(), set.Only, set.Short)
	if err != nil {
		return err
	}
	s, err := newStage(ctx, set, chosen)
	if err != nil {
		return err
	}
	results := s.run(ctx, chosen, set)
	report(os.Stdout, results, set)
	if set.Short && set.Only == "" {
		fmt.Printf("\nnot part of a short run: %s\n", strings.Join(long(scenarios()), "; "))
	}
	if !sound(results) {
		return fmt.Errorf("%w; the records are in %s", errUnsound, s.dir)
	}
	if set.Keep {
		fmt.Fprintln(os.Stderr, "the records are in", s.dir)
		return nil
	}
	return os.RemoveAll(s.dir)
}

// newStage makes the folder and builds what the scenarios need.
func newStage(ctx context.Context, set settings, chosen []scenario) (*stage, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	dir, err := os.MkdirTemp("", "voorpoort-torture-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	s := &stage{self: self, gateway: set.Gateway, dir: dir, letters: storedLetters}
	if s.gateway == "" {
		s.gateway = filepath.Join(dir, "voorpoort")
		if err := buildGateway(ctx, s.gateway); err != nil {
			return nil, err
		}
	}
	for _, sc := range chosen {
		if sc.Stepped && s.stepped == "" {
			s.stepped = filepath.Join(dir, "voorpoort-stepped")
			if err := buildStepped(ctx, filepath.Join(dir, "overlay"), s.stepped); err != nil {
				fmt.Fprintln(os.Stderr, err)
				s.stepped = "" // the table says so
			}
		}
	}
	return s, nil
}

// run tries the scenarios, as many at a time as the settings say. Those that
// have not begun when ctx ends are not tried.
func (s *stage) run(ctx context.Context, chosen []scenario, set settings) []result {
	results := make([]result, len(chosen))
	slots := make(chan struct{}, set.Parallel)
	var group sync.WaitGroup
	for i, sc := range chosen {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			results[i] = result{scenario: sc, failed: []string{"the run was ended"}}
			if ctx.Err() == nil {
				results[i] = s.try(ctx, sc, set)
			}
			fmt.Fprintln(os.Stderr, strings.Join(row(&results[i]), " "), results[i].took.Round(time.Second))
		})
	}
	group.Wait()
	return results
}
