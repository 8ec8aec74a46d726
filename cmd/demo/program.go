package main

import (
	"io"
	"os"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	// The modules that a Caddyfile can name.
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/voorpoort/voorpoort/caddymodule"
)

// asGateway is the variable that makes this program the gateway: the same as
// cmd/voorpoort, so that the demo need not build it first.
const asGateway = "VOORPOORT_DEMO_GATEWAY"

// playGateway runs Caddy with the arguments of the process. It ends with its
// standard input: when the demo dies, however it dies, no gateway is left over.
func playGateway() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	caddycmd.Main()
}
