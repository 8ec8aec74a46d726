// Command bench measures the gateway beside plain Caddy, in one interleaved run.
//
//	go run ./cmd/bench [-rounds 5] [-seconds 3] [-only merge,reverse_proxy] [-memory | -queue | -stores | -cockpit]
//
// It builds cmd/voorpoort once and runs every part in a process of its own: an
// upstream, an interceptor, an auth service, a receiver, one gateway for each scenario and a
// load generator. It needs nothing but Go; CPU and memory figures need
// Linux, and the rows with Redis a redis-server, which it starts itself. Missed
// promises are printed and do not fail the run. An accepted write whose event
// does not arrive does.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var set settings
	flag.IntVar(&set.Rounds, "rounds", 5, "how often each scenario runs")
	seconds := flag.Float64("seconds", 3, "how long each scenario runs in each round")
	flag.IntVar(&set.Connections, "connections", 32, "keep-alive connections of the client")
	flag.StringVar(&set.Only, "only", "", "run only scenarios whose name contains one of these `parts`, comma-separated")
	flag.StringVar(&set.Gateway, "gateway", "", "a gateway `program` that is built already")
	flag.StringVar(&set.GOGC, "gogc", "100", "GOGC of every gateway")
	flag.BoolVar(&set.Memory, "memory", false, "measure memory instead of speed")
	flag.BoolVar(&set.Queue, "queue", false, "measure stores and deliveries without a gateway in front")
	flag.BoolVar(&set.Stores, "stores", false, "measure the stores beside bbolt and Redis by themselves")
	flag.BoolVar(&set.Cockpit, "cockpit", false, "measure the pages of the management API with a million rows")
	role := flag.String("role", "", "used by the bench itself: play one of the helpers")
	listen := flag.String("listen", "", "used by the bench itself")
	target := flag.String("target", "", "used by the bench itself")
	path := flag.String("path", "/", "used by the bench itself")
	flag.Parse()
	set.Duration = time.Duration(*seconds * float64(time.Second))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	switch *role {
	case "":
		err = bench(ctx, set)
	case "viewers":
		err = playViewers(ctx, *target, set.Connections, os.Stdin, os.Stdout)
	case "backlog":
		err = playBacklog(ctx, *target, *path, os.Stdout)
	case "load":
		err = playLoad(*target, *path, set)
	default:
		err = playBackend(ctx, *role, *listen)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, set settings) error {
	chosen, err := choose(scenarios(), set.Only)
	if err != nil {
		return err
	}
	s, err := newStage(ctx, set.Gateway, set.GOGC)
	if err != nil {
		return err
	}
	defer s.stop()
	if set.Queue {
		return queueParts(ctx, s, set)
	}
	if set.Stores {
		return storeParts(ctx, s, set)
	}
	if set.Cockpit {
		return cockpitParts(ctx, s)
	}
	if set.Memory {
		weighed, err := measureMemory(ctx, s, memoryScenarios())
		if err != nil {
			return err
		}
		reportMemory(os.Stdout, weighed)
		return nil
	}
	if chosen, err = s.withRedis(ctx, chosen); err != nil {
		return err
	}
	all, err := measure(ctx, s, chosen, set)
	if err != nil {
		return err
	}
	report(os.Stdout, chosen, all, set)
	return nil
}

func playLoad(target, path string, set settings) error {
	result := load{
		Address:     target,
		Request:     wire(target, path, document(requestSize)),
		Connections: set.Connections,
		Duration:    set.Duration,
	}.run()
	return json.NewEncoder(os.Stdout).Encode(result)
}

// playBackend serves until it is told to stop.
func playBackend(ctx context.Context, role, listen string) error {
	handler, err := backend(role)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close() // the bench is over
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}
