package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// document is a webhook's JSON in the making: seed 002's camelCase keys. The
// Caddyfile only spells it; whether the values make sense is for the webhook
// package to say, so that JSON users are told the same.
type document map[string]any

func (w document) sub(name string) document {
	if _, ok := w[name]; !ok {
		w[name] = document{}
	}
	return w[name].(document) //nolint:forcetypeassert // sub is the only writer
}

func (w document) configuration() document { return w.sub("configuration") }

// parseWebhook reads one webhook:
//
//	webhook <name> {
//		url <url>
//		method POST|PUT|PATCH|DELETE|GET
//		events <type or pattern...>
//		filter <path> <value...>
//		when <CEL>
//		intercept [merge|replace|custom|merge-patch|json-patch]
//		map <from> <to>
//		async
//		timeout <duration>
//		on_failure reject|allow|flag|queue
//		on_timeout reject|allow|flag|queue
//		on_unreachable reject|allow|flag|queue
//		mode enforce|warn|shadow|off
//		order <number>
//		content_type <media type>
//		header <name> <value>
//		secret <current> [<previous...>]
//		signature standard-webhooks|openregister|sha256 [...]
//		breaker off | <failures> [<pause> [<longest pause>]]
//		max_answer <size>
//		client voorpoort|net/http
//		proxy <url>
//		enabled on|off
//		format cloudevents|cloudevents-binary|cloudevents-batch|openregister|openregister-cloudevent
//		batch <events>
//		retry <policy> [<retries>] | off
//		no_retry_on <status...>
//		ordered [park|hold|skip-after <attempts>]
//		concurrency <calls>
//		oauth2 {
//			token_url <url>
//			client_id <id>
//			client_secret <secret>
//			scope <scope...>
//			audience <text>
//			style basic|post
//		}
//		zgw_jwt {
//			client_id <id>
//			secret <secret>
//			user_id <id>
//			user_representation <name>
//		}
//		tls {
//			ca <file>
//			client_certificate <file> <key file>
//			server_name <name>
//			insecure_skip_verify
//		}
//	}
func parseWebhook(d *caddyfile.Dispenser) (string, json.RawMessage, error) {
	name, err := one(d)
	if err != nil {
		return "", nil, err
	}
	w := document{"name": name}
	if err := webhookWords.parseBlock(d, "webhook "+name, w); err != nil {
		return "", nil, err
	}
	if err := checkMap(d, w); err != nil {
		return "", nil, err
	}
	if err := checkAsync(d, w); err != nil {
		return "", nil, err
	}
	if len(w.configuration()) == 0 {
		delete(w, "configuration")
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return "", nil, d.WrapErr(err)
	}
	return name, raw, nil
}

var policies = []string{"reject", "allow", "flag", "queue"}

var webhookWords = words[document]{
	"url":            text("url"),
	"method":         text("method"),
	"when":           text("when"),
	"content_type":   text("contentType"),
	"client":         text("client"),
	"proxy":          text("proxy"),
	"events":         texts("events"),
	"secret":         textOrTexts("secret"),
	"signature":      textOrTexts("signature"),
	"mode":           configured("mode", "enforce", "warn", "shadow", "off"),
	"on_failure":     configured("onFailure", policies...),
	"on_timeout":     configured("onTimeout", policies...),
	"on_unreachable": configured("onUnreachable", policies...),
	"filter":         parseFilter,
	"intercept":      parseIntercept,
	"map":            parseMap,
	"timeout":        parseTimeout,
	"order":          parseOrder,
	"header":         parseHeader,
	"breaker":        parseBreaker,
	"max_answer":     parseMaxAnswer,
	"enabled":        parseEnabled,
	"tls":            within("tls", tlsWords),

	"async":       parseAsync,
	"format":      parseFormat,
	"batch":       counted("batchSize"),
	"retry":       parseRetry,
	"no_retry_on": parseNoRetryOn,
	"ordered":     parseOrdered,
	"concurrency": counted("concurrency"),
	"oauth2":      within("oauth2", oauth2Words),
	"zgw_jwt":     within("zgwJwt", zgwJWTWords),
}

func text(key string) func(*caddyfile.Dispenser, document) error {
	return func(d *caddyfile.Dispenser, w document) error {
		value, err := one(d)
		w[key] = value
		return err
	}
}

func texts(key string) func(*caddyfile.Dispenser, document) error {
	return func(d *caddyfile.Dispenser, w document) error {
		values, err := some(d)
		if before, ok := w[key].([]string); ok {
			values = append(before, values...)
		}
		w[key] = values
		return err
	}
}

func textOrTexts(key string) func(*caddyfile.Dispenser, document) error {
	return func(d *caddyfile.Dispenser, w document) error {
		values, err := some(d)
		if w[key] = any(values); len(values) == 1 {
			w[key] = values[0]
		}
		return err
	}
}

func configured(key string, allowed ...string) func(*caddyfile.Dispenser, document) error {
	return func(d *caddyfile.Dispenser, w document) error {
		value, err := oneOf(d, allowed...)
		w.configuration()[key] = value
		return err
	}
}

func parseTimeout(d *caddyfile.Dispenser, w document) error {
	value, err := duration(d)
	w["timeout"] = durationText(value)
	return err
}

func parseOrder(d *caddyfile.Dispenser, w document) error {
	value, err := count(d)
	w.configuration()["order"] = value
	return err
}

func parseHeader(d *caddyfile.Dispenser, w document) error {
	var name, value string
	if !d.AllArgs(&name, &value) {
		return d.ArgErr()
	}
	headers := w.sub("headers")
	if _, twice := headers[name]; twice {
		return duplicate(d, "header", name)
	}
	headers[name] = value
	return nil
}

func parseEnabled(d *caddyfile.Dispenser, w document) error {
	value, err := oneOf(d, "on", "off")
	w["enabled"] = value == "on"
	return err
}

var tlsWords = words[document]{
	"ca":          text("ca"),
	"server_name": text("serverName"),
	"client_certificate": func(d *caddyfile.Dispenser, w document) error {
		var certificate, key string
		if !d.AllArgs(&certificate, &key) {
			return d.ArgErr()
		}
		w["clientCertificate"], w["clientKey"] = certificate, key
		return nil
	},
	"insecure_skip_verify": func(d *caddyfile.Dispenser, w document) error {
		if d.NextArg() {
			return d.ArgErr()
		}
		w["insecureSkipVerify"] = true
		return nil
	},
}
