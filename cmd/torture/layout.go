package main

import (
	"fmt"
	"net"
	"strings"
	"time"
)

// recoverAfter is how old a write must be before a gateway asks the register
// about it. The register of a run is never slower than this.
const recoverAfter = 3 * time.Second

// hookTimeout bounds a delivery's call.
const hookTimeout = 2 * time.Second

// layout is the configuration of one gateway of a run.
type layout struct {
	Admin, Site, Register string // host:port each
	Store                 string // as the Caddyfile says it
	OnStoreDown           string // "": the default
	Receivers             []string
	Variant               int // makes a configuration that is another, and means the same
}

// caddyfile is all of it. Each of the two proxies has half of the writes: those
// with an even number go by ours.
func (l layout) caddyfile() string {
	_, port, _ := net.SplitHostPort(l.Site) // an address that pickAddress made
	return fmt.Sprintf(`{
	admin %s
	auto_https off
	persist_config off
	grace_period 5s
	log {
		level WARN
	}
	voorpoort {
		store %s
%s		recover_after %s
		budget %ds
%s	}
}

http://:%s {
	bind 127.0.0.1
	voorpoort openregister
	@even expression `+"`{query}.matches('[02468]$')`"+`
	handle @even {
		voorpoort_proxy %s
	}
	reverse_proxy %s
}
`, l.Admin, l.Store, l.storeDown(), recoverAfter, 10+l.Variant%10, l.webhooks(), port, l.Register, l.Register)
}

func (l layout) storeDown() string {
	if l.OnStoreDown == "" {
		return ""
	}
	return "\t\ton_store_down " + l.OnStoreDown + "\n"
}

func (l layout) webhooks() string {
	var text strings.Builder
	for i, address := range l.Receivers {
		fmt.Fprintf(&text, `		webhook %s {
			url http://%s/
			events object.created object.updated object.deleted
			timeout %s
			retry standard-webhooks
		}
`, hookName(i), address, hookTimeout)
	}
	return text.String()
}
