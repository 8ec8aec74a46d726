package caddymodule

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/voorpoort/voorpoort/delivery/local"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "voorpoort",
		Usage: "salvage | compact [--path <folder>]",
		Short: "Looks after the events that the gateway keeps",
		CobraFunc: func(cmd *cobra.Command) {
			cmd.AddCommand(salvageCommand(), compactCommand())
		},
	})
}

// salvageCommand keeps what can be read of a damaged store. It is for a gateway
// that is not running.
func salvageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "salvage [--path <folder>]",
		Short: "Keeps what can be read of a damaged store",
		Long: "Makes a damaged folder of the embedded store whole enough to be opened. Everything that can be read is kept; " +
			"a damaged file is moved aside and never removed. Stop the gateway first, and take a copy of the folder.",
		Args: cobra.NoArgs,
		RunE: caddycmd.WrapCommandFuncForCobra(salvage),
	}
	addPath(cmd)
	return cmd
}

// compactCommand gives back the room that delivered events have left in a store.
func compactCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compact [--path <folder>]",
		Short: "Gives back the room that is free in a store",
		Long: "Writes the index of the embedded store anew, without what is free in it. It needs room for the new file beside the old. " +
			"Stop the gateway first. A gateway does the same when it starts and more than half of an index of over 64 MiB is free.",
		Args: cobra.NoArgs,
		RunE: caddycmd.WrapCommandFuncForCobra(compact),
	}
	addPath(cmd)
	return cmd
}

func addPath(cmd *cobra.Command) {
	cmd.Flags().String("path", filepath.Join(caddy.AppDataDir(), "voorpoort"), "the folder of the store")
}

func compact(flags caddycmd.Flags) (int, error) {
	before, after, err := local.Compact(flags.String("path"))
	if err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	fmt.Printf("the index had %d bytes and has %d\n", before, after)
	return caddy.ExitCodeSuccess, nil
}

func salvage(flags caddycmd.Flags) (int, error) {
	report, err := local.Salvage(flags.String("path"))
	if err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	printSalvage(os.Stdout, &report)
	return caddy.ExitCodeSuccess, nil
}

// printSalvage says what was kept and what was lost.
func printSalvage(out io.Writer, r *local.SalvageReport) {
	line := func(what string, n int) {
		if n > 0 {
			fmt.Fprintf(out, "%s: %d\n", what, n)
		}
	}
	for _, file := range r.Aside {
		fmt.Fprintf(out, "moved aside: %s\n", file)
	}
	for _, file := range r.Missing {
		fmt.Fprintf(out, "not there: %s\n", file)
	}
	line("records of the journal applied", r.Records)
	line("bytes of the journal that cannot be read", int(r.Skipped))
	if r.Rebuilt {
		line("messages kept", r.Index.Messages)
		line("deliveries kept", r.Index.Deliveries)
		line("rows of the log kept", r.Index.Rows)
		line("holds kept", r.Index.Holds)
		line("parts that cannot be read", r.Index.Unreadable)
		line("deliveries that will be made again", r.Index.Again)
		line("deliveries whose message is lost", r.Index.Bare)
	}
	fmt.Fprintln(out, "the store can be opened")
}
