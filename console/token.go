package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"
)

func tokenCommand() *cobra.Command {
	made := &cobra.Command{
		Use: "new", Short: "Makes a token and prints it with the line for the Caddyfile", Args: cobra.NoArgs, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scopes, _ := cmd.Flags().GetString("scopes")
			// 26 letters and digits, 130 bits: no brake on guessing is needed.
			token := rand.Text()
			digest := sha256.Sum256([]byte(token))
			fmt.Fprintf(cmd.OutOrStdout(), "token, shown this once:    %s\nin voorpoort_api { ... }:  token %s %s\n", token, scopes, hex.EncodeToString(digest[:]))
			return nil
		},
	}
	made.Flags().String("scopes", "read", "what it may do, with commas between: read, write, replay, read:payload")
	return group("token", "Makes tokens for the management API", made)
}
