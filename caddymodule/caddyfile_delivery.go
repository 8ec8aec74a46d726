package caddymodule

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// The words of a webhook that are about deliveries.

var (
	formats       = []string{"cloudevents", "cloudevents-binary", "cloudevents-batch", "openregister", "openregister-cloudevent"}
	retryPolicies = []string{"exponential", "linear", "fixed", "standard-webhooks", "open-notificaties"}
)

func parseFormat(d *caddyfile.Dispenser, w document) error {
	value, err := oneOf(d, formats...)
	w["format"] = value
	return err
}

// parseRetry reads `retry <policy> [<max>]` and `retry off`.
func parseRetry(d *caddyfile.Dispenser, w document) error {
	args, err := some(d)
	switch {
	case err != nil:
		return err
	case len(args) == 1 && args[0] == "off":
		w.configuration()["enableRetries"] = false
		return nil
	case len(args) > 2:
		return d.ArgErr()
	case !slices.Contains(retryPolicies, args[0]):
		return d.Errf("retry %q is not known; it is off or one of: %s", args[0], strings.Join(retryPolicies, ", "))
	}
	w["retryPolicy"] = args[0]
	if len(args) == 2 {
		w["maxRetries"], err = number(d, "retry", args[1])
	}
	return err
}

// parseOrdered reads `ordered [park|hold|skip-after <n>]`.
func parseOrdered(d *caddyfile.Dispenser, w document) error {
	w["ordered"] = true
	args := d.RemainingArgs()
	if len(args) == 0 {
		return nil
	}
	w["orderPolicy"] = args[0]
	switch {
	case args[0] == "skip-after" && len(args) == 2:
		skip, err := number(d, "skip-after", args[1])
		w["skipAfter"] = skip
		return err
	case args[0] == "skip-after":
		return d.Errf("ordered skip-after takes the number of attempts after which the next event goes first")
	case args[0] != "park" && args[0] != "hold":
		return d.Errf("ordered %q is not known; it is one of: park, hold, skip-after <attempts>", args[0])
	case len(args) > 1:
		return d.ArgErr()
	}
	return nil
}

func counted(key string) func(*caddyfile.Dispenser, document) error {
	return func(d *caddyfile.Dispenser, w document) error {
		value, err := count(d)
		w[key] = value
		return err
	}
}

func parseNoRetryOn(d *caddyfile.Dispenser, w document) error {
	args, err := some(d)
	if err != nil {
		return err
	}
	statuses := make([]int, len(args))
	for i, arg := range args {
		if statuses[i], err = number(d, "no_retry_on", arg); err != nil {
			return err
		}
	}
	w["noRetryOn"] = statuses
	return nil
}

func number(d *caddyfile.Dispenser, word, text string) (int, error) {
	value, err := strconv.Atoi(text)
	if err != nil {
		return 0, d.Errf("%s: %q is not a whole number", word, text)
	}
	return value, nil
}

// within reads a block of its own words into a member of the webhook.
func within(key string, inner words[document]) func(*caddyfile.Dispenser, document) error {
	return func(d *caddyfile.Dispenser, w document) error {
		word := d.Val()
		if d.NextArg() {
			return d.ArgErr()
		}
		return inner.parseBlock(d, word, w.sub(key))
	}
}

var oauth2Words = words[document]{
	"token_url":     text("tokenUrl"),
	"client_id":     text("clientId"),
	"client_secret": text("clientSecret"),
	"scope":         texts("scopes"),
	"audience":      text("audience"),
	"style": func(d *caddyfile.Dispenser, o document) error {
		value, err := oneOf(d, "basic", "post")
		o["style"] = value
		return err
	},
}

var zgwJWTWords = words[document]{
	"client_id":           text("clientId"),
	"secret":              text("secret"),
	"user_id":             text("userId"),
	"user_representation": text("userRepresentation"),
}
