// Command demo shows the gateway at work, in one process and on free ports.
//
//	go run ./cmd/demo [-once]
//
// It starts a sample register, a sample validator and the gateway between them,
// plays a short story, and stays up to be tried by hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	once := flag.Bool("once", false, "end after the story")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, *once)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run plays the story and, unless once is set, waits until ctx ends.
func run(ctx context.Context, out io.Writer, once bool) (err error) {
	d := newDemo(out)
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.start(); err != nil {
		return err
	}
	if err := d.play(ctx); err != nil {
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
	fmt.Fprintln(out, "\nstopping")
	return nil
}
