// Command voorpoort is Caddy with its standard modules and the Voorpoort
// modules.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	// The modules register themselves when they are imported.
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/voorpoort/voorpoort/caddymodule"
)

func main() {
	caddycmd.Main()
}
