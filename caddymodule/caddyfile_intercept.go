package caddymodule

import "github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

// The words of a webhook that takes part in requests.

func parseIntercept(d *caddyfile.Dispenser, w document) error {
	c := w.configuration()
	c["interceptRequests"] = true
	switch args := d.RemainingArgs(); len(args) {
	case 0:
		return nil
	case 1:
		c["processResponse"] = true
		c.sub("responseProcessing")["mergeStrategy"] = args[0]
		return nil
	}
	return d.ArgErr()
}

func parseMap(d *caddyfile.Dispenser, w document) error {
	var from, to string
	if !d.AllArgs(&from, &to) {
		return d.ArgErr()
	}
	fields := w.configuration().sub("responseProcessing").sub("fieldMapping")
	if _, twice := fields[from]; twice {
		return duplicate(d, "map", from)
	}
	fields[from] = to
	return nil
}

// checkMap refuses a mapping that no strategy reads. The JSON form allows it,
// because OpenRegister's own example has it.
func checkMap(d *caddyfile.Dispenser, w document) error {
	processing := w.configuration().sub("responseProcessing")
	if processing["fieldMapping"] != nil && processing["mergeStrategy"] != "custom" {
		return d.Errf("webhook %s: map is read only with: intercept custom", w["name"])
	}
	if len(processing) == 0 {
		delete(w.configuration(), "responseProcessing")
	}
	return nil
}

func parseAsync(d *caddyfile.Dispenser, w document) error {
	if d.NextArg() {
		return d.ArgErr()
	}
	w.configuration()["async"] = true
	return nil
}

// checkAsync refuses an async that says nothing: a webhook that does not
// intercept is told through the queue anyway.
func checkAsync(d *caddyfile.Dispenser, w document) error {
	if c := w.configuration(); c["async"] == true && c["interceptRequests"] != true {
		return d.Errf("webhook %s: async goes with intercept; without it nobody waits for the webhook anyway", w["name"])
	}
	return nil
}

func parseBreaker(d *caddyfile.Dispenser, w document) error {
	args := d.RemainingArgs()
	if len(args) == 0 || len(args) > 3 {
		return d.ArgErr()
	}
	b := w.configuration().sub("breaker")
	if args[0] == "off" {
		b["failures"] = -1
		return nil
	}
	b["failures"] = literal(caddyfile.Token{Text: args[0]})
	for i, key := range []string{"pause", "maxPause"}[:len(args)-1] {
		b[key] = args[i+1]
	}
	return nil
}

func parseMaxAnswer(d *caddyfile.Dispenser, w document) error {
	value, err := size(d)
	w.configuration()["maxAnswer"] = value
	return err
}
