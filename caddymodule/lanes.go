package caddymodule

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/push"
	"github.com/voorpoort/voorpoort/transport"
	"github.com/voorpoort/voorpoort/webhook"
)

// newLanes makes the queues of the webhooks that are told of events. It opens no
// connection. The error names the webhook and the setting that cannot be used.
func newLanes(hooks []*webhook.Hook, guard push.Guard) (map[*webhook.Hook]delivery.Lane, error) {
	lanes := map[*webhook.Hook]delivery.Lane{}
	for _, h := range hooks {
		if !h.Delivers() {
			continue
		}
		lane, err := newLane(h, guard)
		if err != nil {
			return nil, fmt.Errorf("webhook %q: %w", h.Name, err)
		}
		lanes[h] = lane
	}
	return lanes, nil
}

func newLane(h *webhook.Hook, guard push.Guard) (delivery.Lane, error) {
	schedule, err := delivery.ParseSchedule(string(h.Retry.Policy), h.Retry.Max)
	if err != nil {
		return delivery.Lane{}, err
	}
	if h.Pull || h.Disabled || h.Mode == webhook.Off { // what waits for one that is disabled waits until it is enabled
		return delivery.Lane{ID: h.Lane(), Name: h.Name, Pull: true, Version: version(h)}, nil
	}
	sender, err := push.New(h, push.Options{Guard: guard, Tracer: callTracer{h.Name}})
	if err != nil {
		return delivery.Lane{}, err
	}
	return delivery.Lane{
		ID: h.Lane(), Name: h.Name, Sender: sender, Timeout: h.Timeout, Schedule: schedule,
		Order: order(h), Batch: h.BatchSize, MaxConcurrent: h.Concurrency, NoRetry: h.NoRetry,
		Version: version(h),
	}, nil
}

func order(h *webhook.Hook) delivery.Order {
	if !h.Ordered {
		return delivery.Order{}
	}
	return delivery.Order{Policy: delivery.OrderPolicy(h.OrderPolicy), SkipAfter: h.SkipAfter}
}

// version changes when the webhook is given another address: one that had said
// it is gone (410) is then called again.
func version(h *webhook.Hook) string {
	digest := sha256.Sum256([]byte(h.Method + " " + h.URL.String() + " " + string(h.EventFormat)))
	return hex.EncodeToString(digest[:8])
}

// egressGuards let calls go to public addresses and the given networks only: all
// calls to webhooks of the store, and with a list also deliveries to those of the
// configuration, whose guard is else nil, which allows all.
func egressGuards(allow []string) (fixed, stored push.Guard, err error) {
	var prefixes []netip.Prefix
	for _, text := range allow {
		prefix, err := parsePrefix(text)
		if err != nil {
			return nil, nil, fmt.Errorf("egress_allow: %w", err)
		}
		prefixes = append(prefixes, prefix)
	}
	stored = transport.Egress{Allow: prefixes}.Guard
	if len(allow) > 0 {
		fixed = stored
	}
	return fixed, stored, nil
}

// parsePrefix reads a network, or one address.
func parsePrefix(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a network such as 10.0.0.0/8 or 192.0.2.1", text)
	}
	return prefix, nil
}
