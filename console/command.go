package console

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Environment variables that stand for flags.
const (
	addressVariable = "VOORPOORT_ADDRESS"
	tokenVariable   = "VOORPOORT_TOKEN" //nolint:gosec // its name
)

// Commands are the commands that talk to a running gateway, and the one that
// makes tokens. Their RunE gives errors that [ExitCode] knows.
func Commands() []*cobra.Command {
	return []*cobra.Command{
		webhooksCommand(), deliveriesCommand(), deadLettersCommand(),
		tailCommand(), sendTestCommand(), checkCommand(), tokenCommand(),
	}
}

// action is what a command does with the gateway.
type action func(s *session) error

// session is one run of a command.
type session struct {
	*client

	ctx       context.Context //nolint:containedctx // it lasts as long as the command
	cmd       *cobra.Command
	arguments []string
	out       io.Writer
	json      bool
}

// command makes a command whose arguments are counted before anybody is called.
func command(use, short string, arguments int, do action) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, SilenceUsage: true}
	flags := cmd.Flags()
	flags.String("address", os.Getenv(addressVariable), "where voorpoort_api is mounted ($"+addressVariable+")")
	flags.String("token-file", "", "a file with the token (else $"+tokenVariable+")")
	flags.Bool("json", false, "print the gateway's answer as JSON, for programs")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if len(given) != arguments {
			return usage("usage: %s", cmd.UseLine())
		}
		s, end, err := newSession(cmd, given)
		if err != nil {
			return err
		}
		defer end()
		if err := s.resolve(); err != nil {
			return err
		}
		return do(s)
	}
	return cmd
}

func newSession(cmd *cobra.Command, arguments []string) (s *session, end func(), err error) {
	address, _ := cmd.Flags().GetString("address")
	file, _ := cmd.Flags().GetString("token-file")
	c, err := newClient(address, file)
	if err != nil {
		return nil, nil, err
	}
	parent := cmd.Context()
	if parent == nil {
		parent = context.Background()
	}
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	s = &session{client: c, ctx: ctx, cmd: cmd, arguments: arguments, out: cmd.OutOrStdout()}
	s.json, _ = cmd.Flags().GetBool("json")
	return s, stop, nil
}

// group is a command that only has others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, SilenceUsage: true, Args: cobra.ArbitraryArgs}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return usage("usage: %s, with one of the commands that %s --help lists", cmd.UseLine(), cmd.CommandPath())
	}
	cmd.AddCommand(commands...)
	return cmd
}

// query makes a query of the flags that were given: a flag --event-type is the
// parameter type, say.
func (s *session) query(parameters map[string]string) url.Values {
	query := url.Values{}
	for flag, parameter := range parameters {
		if f := s.cmd.Flags().Lookup(flag); f != nil && (f.Changed || f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0") {
			query.Set(parameter, f.Value.String())
		}
	}
	return query
}

// show prints the answer as JSON if that was asked for, else by show.
func (s *session) show(raw []byte, people func()) error {
	if s.json {
		return printJSON(s.out, raw)
	}
	people()
	return nil
}

func (s *session) say(format string, arguments ...any) {
	for i, a := range arguments {
		if text, ok := a.(string); ok {
			arguments[i] = printable(text)
		}
	}
	fmt.Fprintf(s.out, format+"\n", arguments...)
}

func (s *session) text(flag string) string {
	text, _ := s.cmd.Flags().GetString(flag)
	return text
}
