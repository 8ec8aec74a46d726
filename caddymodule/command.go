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
		Usage: "salvage [--path <folder>]",
		Short: "Looks after the events that the gateway keeps",
		CobraFunc: func(cmd *cobra.Command) {
			cmd.AddCommand(salvageCommand())
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
	cmd.Flags().String("path", filepath.Join(caddy.AppDataDir(), "voorpoort"), "the folder of the store")
	return cmd
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
