package main

import (
	"errors"
	"fmt"
	"net"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	// The Caddyfile adapter and the modules that a Caddyfile can name.
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/voorpoort/voorpoort/caddymodule"
)

var errNoAdapter = errors.New("no Caddyfile adapter")

// gateway is Caddy with our modules, in this process, in front of a register.
type gateway struct{ address, register, validator string } // host:port each

// newGateway picks a free port for the gateway.
func newGateway(register, validator string) (gateway, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // binds a loopback port, at once
	if err != nil {
		return gateway{}, fmt.Errorf("finding a free port: %w", err)
	}
	return gateway{listener.Addr().String(), register, validator}, listener.Close()
}

// caddyfile is all the configuration there is.
func (g gateway) caddyfile(onFailure string) string {
	_, port, _ := net.SplitHostPort(g.address) // an address we listened on
	return fmt.Sprintf(`{
	admin off
	auto_https off
	persist_config off
	log {
		level ERROR
	}
	voorpoort {
		webhook felix-validation {
			url http://%s/
			events object.creating object.updating
			filter schema pet-store-cat-schema
			intercept merge
			timeout 3s
			on_failure %s
		}
	}
}

http://:%s {
	bind 127.0.0.1
	voorpoort openregister
	reverse_proxy %s
}
`, g.validator, onFailure, port, g.register)
}

// load starts the gateway or, when it runs, gives it the new policy. Requests
// that are under way end as they began.
func (g gateway) load(onFailure string) error {
	adapter := caddyconfig.GetAdapter("caddyfile")
	if adapter == nil {
		return errNoAdapter
	}
	config, _, err := adapter.Adapt([]byte(g.caddyfile(onFailure)), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return fmt.Errorf("adapting the Caddyfile: %w", err)
	}
	if err := caddy.Load(config, false); err != nil {
		return fmt.Errorf("loading the gateway: %w", err)
	}
	return nil
}

func (g gateway) stop() error {
	if err := caddy.Stop(); err != nil {
		return fmt.Errorf("stopping the gateway: %w", err)
	}
	return nil
}
