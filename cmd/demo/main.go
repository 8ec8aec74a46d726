// Command demo shows the gateway at work, on this machine and on free ports.
//
//	go run ./cmd/demo [-once]
//
// It starts a sample register, a sample validator, a sample receiver and, in a
// process of its own, the gateway between them, plays a short story, and stays up
// to be tried by hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if os.Getenv(asGateway) != "" {
		playGateway()
		return
	}
	once := flag.Bool("once", false, "end after the story")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, newDemo(os.Stdout), *once)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run plays the story and, unless once is set, waits until ctx ends.
func run(ctx context.Context, d *demo, once bool) (err error) {
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.perform(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // Ctrl-C in the middle of the story is no failure
		}
		return err
	}
	if once {
		return nil
	}
	d.invite()
	<-ctx.Done()
	fmt.Fprintln(d.out, "\nstopping")
	return nil
}
