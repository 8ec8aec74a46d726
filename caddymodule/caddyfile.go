package caddymodule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/dustin/go-humanize"
)

func init() {
	httpcaddyfile.RegisterGlobalOption("voorpoort", parseGlobalOption)
	httpcaddyfile.RegisterHandlerDirective("voorpoort", parseHandler)
	// Before invoke: after authentication and rewrites, so that nobody unknown
	// triggers a webhook and the path is final; around everything that proxies.
	httpcaddyfile.RegisterDirectiveOrder("voorpoort", httpcaddyfile.Before, "invoke")
}

// words are the subdirectives of one block: what may stand there, and who
// reads it. A reader finds the dispenser on the word itself.
type words[T any] map[string]func(d *caddyfile.Dispenser, into T) error

// parseBlock reads the block that follows. A word that is not in the list is
// refused with its position and the words that are. So is a word that is given
// twice: of two conditions, say, the second would silently replace the first.
func (w words[T]) parseBlock(d *caddyfile.Dispenser, block string, into T) error {
	given := map[string]bool{}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		read, ok := w[word]
		switch {
		case given[word] && !slices.Contains(addingWords, word):
			return duplicate(d, block+": option", word)
		case ok:
			given[word] = true
			if err := read(d, into); err != nil {
				return err
			}
		default:
			return d.Errf("%s: unrecognized option %q; it takes: %s", block, word, w.list())
		}
	}
	return nil
}

// addingWords may be given more than once: their values add up.
var addingWords = []string{
	"preset", "headers", "rule", "alias", "webhook", "relax_path", "on", "events", "filter", "map", "header",
	"egress_allow", "operator", "token", "user", "redact", "recover_header", "setting", "extension", "lookup", "after_event",
}

func (w words[T]) list() string {
	names := make([]string, 0, len(w))
	for name := range w {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// one reads exactly one argument.
func one(d *caddyfile.Dispenser) (string, error) {
	var value string
	if !d.AllArgs(&value) {
		return "", d.ArgErr()
	}
	return value, nil
}

// some reads one argument or more.
func some(d *caddyfile.Dispenser) ([]string, error) {
	values := d.RemainingArgs()
	if len(values) == 0 {
		return nil, d.ArgErr()
	}
	return values, nil
}

// oneOf reads one argument out of a list.
func oneOf(d *caddyfile.Dispenser, allowed ...string) (string, error) {
	word := d.Val()
	value, err := one(d)
	if err != nil {
		return "", err
	}
	if !slices.Contains(allowed, value) {
		return "", d.Errf("%s %q is not known; it is one of: %s", word, value, strings.Join(allowed, ", "))
	}
	return value, nil
}

func duration(d *caddyfile.Dispenser) (caddy.Duration, error) {
	word := d.Val()
	value, err := one(d)
	if err != nil {
		return 0, err
	}
	parsed, err := caddy.ParseDuration(value)
	if err != nil || parsed <= 0 {
		return 0, d.Errf("%s %q is not a duration above zero; write for example 500ms, 3s or 1m", word, value)
	}
	return caddy.Duration(parsed), nil
}

func size(d *caddyfile.Dispenser) (int64, error) {
	word := d.Val()
	value, err := one(d)
	if err != nil {
		return 0, err
	}
	parsed, err := parseSize(value)
	if err != nil {
		return 0, d.Errf("%s %v", word, err)
	}
	return parsed, nil
}

func parseSize(value string) (int64, error) {
	parsed, err := humanize.ParseBytes(value)
	if err != nil || parsed == 0 || parsed > 1<<40 {
		return 0, fmt.Errorf("%q is not a size; write for example 64KiB, 8MiB or 1048576", value)
	}
	return int64(parsed), nil
}

func count(d *caddyfile.Dispenser) (int, error) {
	word := d.Val()
	value, err := one(d)
	if err != nil {
		return 0, err
	}
	parsed, err := strconv.Atoi(value)
	if err != nil {
		return 0, d.Errf("%s %q is not a whole number", word, value)
	}
	return parsed, nil
}

// durationText writes a duration as a webhook's JSON holds it.
func durationText(d caddy.Duration) string { return time.Duration(d).String() }

func duplicate(d *caddyfile.Dispenser, what, name string) error {
	return d.Errf("%s", fmt.Sprintf("%s %q is defined twice", what, name))
}
