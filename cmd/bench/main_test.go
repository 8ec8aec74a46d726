package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"testing"
)

// The test binary plays the bench program: with this variable set it runs main.
const playMain = "VOORPOORT_BENCH_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(playMain) != "" {
		flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ExitOnError)
		main()
		return
	}
	os.Exit(m.Run())
}

func role(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), playMain+"=1")
	return cmd
}
