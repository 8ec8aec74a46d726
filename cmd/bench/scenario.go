package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Names of scenarios that others are compared with.
const (
	plain       = "reverse_proxy"
	control     = "reverse_proxy again" // the same once more: what the machine's noise makes of equals
	forwardAuth = "forward_auth"
)

// eventPath is a path the openregister preset has a rule for; quietPath is not.
const (
	eventPath = "/api/objects/pet-store/cat"
	quietPath = "/stock/levels"
)

var errNoScenario = errors.New("no scenario has this in its name")

// addresses are where the processes of a run listen, host:port each.
type addresses struct {
	Gateway, Upstream, Interceptor, Auth, Receiver, Redis string

	Box   string // the scenario's own name for the receiver and for Redis
	Store string // the scenario's own folder
}

// scenario is one gateway configuration under load.
type scenario struct {
	Name        string
	Path        string
	Connections int // 0: as the flag says
	// Calls is how often one request makes the gateway call the interceptor or
	// the auth service; Merges whether the upstream gets a changed body.
	Calls  int
	Merges bool
	// Told is whether the receiver gets the event after each write; Redis whether
	// the event is kept there until then; Shut whether the receiver does not answer
	// before the load has ended, so that every event stays in the store until then.
	Told  bool
	Redis bool
	Shut  bool

	// Viewers is how many follow the live tail meanwhile.
	Viewers int

	global func(addresses) string
	site   func(addresses) string
}

// scenarios is everything the bench measures, in the order of one round.
func scenarios() []scenario {
	single := []scenario{
		{Name: plain, Path: eventPath, site: proxy},
		{Name: forwardAuth, Path: eventPath, Calls: 1, site: authProxy},
		{Name: control, Path: eventPath, site: proxy},
		{Name: "no rule matches", Path: quietPath, global: merging, site: gate},
		{Name: "rule, no webhook", Path: eventPath, global: noWebhook, site: gate},
		{Name: "merge", Path: eventPath, Calls: 1, Merges: true, global: merging, site: gate},
		{Name: "merge, transport", Path: eventPath, Calls: 1, Merges: true, global: merging, site: gateTransport},
		{Name: "merge, proxy", Path: eventPath, Calls: 1, Merges: true, global: merging, site: gateProxy},
		{Name: "validate", Path: eventPath, Calls: 1, global: validating(1), site: gate},
		{Name: "validate x3", Path: eventPath, Calls: 3, global: validating(3), site: gate},
		{Name: "validate, c=1", Path: eventPath, Connections: 1, Calls: 1, global: validating(1), site: gate},
		{Name: "validate x3, c=1", Path: eventPath, Connections: 1, Calls: 3, global: validating(3), site: gate},
		{Name: forwardAuth + crowded, Path: eventPath, Connections: crowd128, Calls: 1, site: authProxy},
	}
	return slices.Concat(single, tellings())
}

// slug is the scenario's name as part of an address.
func (s scenario) slug() string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, s.Name)
}

// choose keeps the scenarios whose name contains one of the comma-separated
// parts; an empty list keeps all.
func choose(all []scenario, only string) ([]scenario, error) {
	if only == "" {
		return all, nil
	}
	var chosen []scenario
	parts := strings.Split(only, ",")
	for _, s := range all {
		if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s.Name, part) }) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: %q", errNoScenario, only)
	}
	return chosen, nil
}

// caddyfile is the configuration of the scenario's gateway.
func (s scenario) caddyfile(a addresses) string {
	_, port, _ := strings.Cut(a.Gateway, ":")
	global := ""
	if s.global != nil {
		global = s.global(a)
	}
	return fmt.Sprintf(`{
	admin off
	auto_https off
	persist_config off
	log {
		level ERROR
	}
%s}

http://:%s {
	bind 127.0.0.1
%s}
`, global, port, s.site(a))
}

func proxy(a addresses) string {
	return fmt.Sprintf("\treverse_proxy %s\n", a.Upstream)
}

func authProxy(a addresses) string {
	return fmt.Sprintf("\tforward_auth %s {\n\t\turi /auth\n\t}\n", a.Auth) + proxy(a)
}

func gate(a addresses) string {
	return "\tvoorpoort openregister\n" + proxy(a)
}

func gateTransport(a addresses) string {
	return "\tvoorpoort openregister\n" + proxyTransport(a)
}

func proxyTransport(a addresses) string {
	return fmt.Sprintf("\treverse_proxy %s {\n\t\ttransport voorpoort\n\t}\n", a.Upstream)
}

// gateProxy is a gateway as fast as it can be had: with our own proxy.
func gateProxy(a addresses) string {
	return "\tvoorpoort openregister\n" + ownProxy(a)
}

func ownProxy(a addresses) string {
	return fmt.Sprintf("\tvoorpoort_proxy %s\n", a.Upstream)
}

func noWebhook(addresses) string { return "" }

func merging(a addresses) string { return voorpoort(merge(a)) }

func merge(a addresses) string {
	return fmt.Sprintf(`		webhook enrich {
			url http://%s/merge
			events object.creating
			intercept merge
			timeout 3s
		}
`, a.Interceptor)
}

func validating(count int) func(addresses) string {
	return func(a addresses) string {
		var webhooks strings.Builder
		for i := range count {
			fmt.Fprintf(&webhooks, `		webhook validate-%d {
			url http://%s/validate
			events object.creating
			intercept
			timeout 3s
		}
`, i+1, a.Interceptor)
		}
		return voorpoort(webhooks.String())
	}
}

func voorpoort(lines string) string { return "\tvoorpoort {\n" + lines + "\t}\n" }
