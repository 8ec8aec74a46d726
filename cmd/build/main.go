// Command build makes a custom Caddy from a recipe file.
//
//	go run ./cmd/build [-recipe xcaddy.json] [-output bin/voorpoort]
//
// The recipe is the JSON form of xcaddy's Builder; the xcaddy command itself
// reads no file.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	recipe := flag.String("recipe", "xcaddy.json", "the recipe `file`: the JSON form of xcaddy.Builder")
	output := flag.String("output", filepath.Join("bin", "voorpoort"), "the program `file` to write")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := build(ctx, *recipe, *output)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func build(ctx context.Context, recipe, output string) error {
	builder, err := ReadRecipe(recipe)
	if err != nil {
		return err
	}
	if err := allowUnpublished(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o750); err != nil {
		return fmt.Errorf("making the output folder: %w", err)
	}
	return builder.Build(ctx, output)
}

// allowUnpublished sets GOPROXY for the go commands that xcaddy runs, so that a
// recipe whose plugin is only on this disk builds behind any module proxy.
func allowUnpublished() error {
	list, err := goEnv("GOPROXY")
	if err != nil {
		return err
	}
	cache, err := goEnv("GOMODCACHE")
	if err != nil {
		return err
	}
	if err := os.Setenv("GOPROXY", withCacheFallback(list, cache)); err != nil {
		return fmt.Errorf("setting GOPROXY: %w", err)
	}
	return nil
}
