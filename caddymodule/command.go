package caddymodule

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/voorpoort/voorpoort/console"
	"github.com/voorpoort/voorpoort/delivery/local"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "voorpoort",
		Usage: "webhooks | deliveries | dead-letters | tail | send-test | check | token | salvage | compact",
		Short: "Looks after webhooks, deliveries and the events that the gateway keeps",
		Long: "Talks to the management API of a running gateway, which the directive voorpoort_api mounts: --address says where " +
			"(or VOORPOORT_ADDRESS), --token-file has the token (or VOORPOORT_TOKEN). Exit codes: 0 done, 1 failed, 2 wrong usage, " +
			"3 not allowed, 4 not found, 5 no gateway answers. The commands salvage and compact are for a gateway that is stopped.",
		CobraFunc: func(cmd *cobra.Command) {
			cmd.AddCommand(salvageCommand(), compactCommand())
			for _, c := range console.Commands() {
				cmd.AddCommand(withExitCodes(c))
			}
		},
	})
}

// withExitCodes lets a command and those below it end the program with the exit
// code of their error.
func withExitCodes(cmd *cobra.Command) *cobra.Command {
	if run := cmd.RunE; run != nil {
		cmd.RunE = caddycmd.WrapCommandFuncForCobra(func(flags caddycmd.Flags) (int, error) {
			err := run(cmd, flags.Args())
			return console.ExitCode(err), err
		})
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return caddycmd.WrapCommandFuncForCobra(func(caddycmd.Flags) (int, error) { return console.ExitUsage, err })(cmd, nil)
	})
	for _, c := range cmd.Commands() {
		withExitCodes(c)
	}
	return cmd
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
		line("documents kept", r.Index.Documents)
		line("parts that cannot be read", r.Index.Unreadable)
		line("deliveries that will be made again", r.Index.Again)
		line("deliveries whose message is lost", r.Index.Bare)
	}
	fmt.Fprintln(out, "the store can be opened")
}
