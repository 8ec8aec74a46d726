package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// buildGateway builds the program under test.
func buildGateway(ctx context.Context, output string, flags ...string) error {
	fmt.Fprintln(os.Stderr, "building cmd/voorpoort ...")
	arguments := append([]string{"build"}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(arguments, "-o", output, "github.com/voorpoort/voorpoort/cmd/voorpoort")...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building cmd/voorpoort: %w", err)
	}
	return nil
}
