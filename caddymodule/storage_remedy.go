package caddymodule

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/voorpoort/voorpoort/delivery/redis"
)

// remedies say what to do about a Redis that does not let the gateway in, by the
// word of its refusal; "" is one that does not answer.
var remedies = map[string]string{
	"":          "is Redis running, and can this machine reach it? With `on_store_down spool` or `allow` the gateway starts without it",
	"NOAUTH":    "it wants a password: set `password`, and `username` for an ACL user, in `store redis`",
	"WRONGPASS": "check `username` and `password` in `store redis`, and that the ACL user is on",
	"NOPERM":    "the ACL user lacks a right: docs/delivery.md, \"Redis\", has the line for it",
	"LOADING":   "it still reads its data from disk: try again when it has, or let the gateway start without it with `on_store_down spool` or `allow`",
	"READONLY":  "it is a replica: give the address of the server that takes writes, or `master` and the addresses of the Sentinels",
	"MISCONF":   "it cannot write to its disk: its log says why",
	"OOM":       "its memory is full: raise `maxmemory`, with the policy `noeviction`",
	"WAIT":      "`wait` asks for more replicas than answer",
}

// withRemedy adds to an error of opening a Redis what can be done about it.
func withRemedy(err error) error {
	var down *redis.UnavailableError
	if !errors.As(err, &down) {
		return err
	}
	return fmt.Errorf("%w: %s", err, cmp.Or(remedies[down.Code], "its own log says more"))
}
