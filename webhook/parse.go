package webhook

import (
	"bytes"
	"fmt"
	"maps"
	"math"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxParseDepth is deeper than any webhook is nested.
const maxParseDepth = 16

// Parse reads a webhook in its JSON shape: OpenRegister's members (seed 002),
// and those of this gateway. It checks the shape only, so that placeholders
// can be put in ([Webhook.Expand]) before [Compile] checks the values.
//
// A member that is unknown or has the wrong type is a fault; all faults come
// together in a [*ValidationError]. A document that is not JSON, or names a
// member twice, gives the [*strictjson.Error] that says where.
func Parse(raw []byte) (Webhook, error) {
	if err := strictjson.Check(raw, maxParseDepth); err != nil {
		return Webhook{}, fmt.Errorf("reading webhook: %w", err)
	}
	var w Webhook
	r := new(reader)
	if r.is(bytes.TrimSpace(raw), "", strictjson.Object, "an object") {
		r.object(raw, "", r.webhook(&w))
	}
	if err := r.faults.err(w.Name); err != nil {
		return Webhook{}, err
	}
	return w, nil
}

// UnmarshalJSON is Parse.
func (w *Webhook) UnmarshalJSON(raw []byte) error {
	parsed, err := Parse(raw)
	if err == nil {
		*w = parsed
	}
	return err
}

// webhook are the members of the document.
func (r *reader) webhook(w *Webhook) map[string]field {
	members := map[string]field{
		"uuid":         textField(r, &w.UUID),
		"name":         textField(r, &w.Name),
		"url":          r.addressField(&w.URL),
		"method":       textField(r, &w.Method),
		"events":       func(raw []byte, pointer string) { w.Events = r.textList(raw, pointer) },
		"headers":      func(raw []byte, pointer string) { w.Headers = r.headers(raw, pointer) },
		"secret":       func(raw []byte, pointer string) { w.Secrets = r.secrets(raw, pointer) },
		"signature":    func(raw []byte, pointer string) { w.Signatures = r.schemes(raw, pointer) },
		"enabled":      r.enabled(&w.Disabled),
		"filters":      func(raw []byte, pointer string) { w.Filters = r.filters(raw, pointer) },
		"source":       textField(r, &w.Source),
		"eventFilters": func(raw []byte, pointer string) { w.EventFilters = r.eventFilters(raw, pointer) },
		"style":        textField(r, &w.Style),
		"when":         textField(r, &w.When),
		"timeout":      r.durationField(&w.Timeout),
		"contentType":  textField(r, &w.ContentType),
		"client":       textField(r, &w.Client),
		"proxy":        r.addressField(&w.Proxy),
		"tls":          func(raw []byte, pointer string) { r.object(raw, pointer, r.tls(&w.TLS)) },
		"configuration": func(raw []byte, pointer string) {
			r.object(raw, pointer, r.configuration(&w.Configuration))
		},
	}
	maps.Copy(members, r.deliveries(w))
	return members
}

func (r *reader) tls(t *TLS) map[string]field {
	return map[string]field{
		"ca":                 textField(r, &t.CA),
		"clientCertificate":  textField(r, &t.ClientCertificate),
		"clientKey":          r.secretField(&t.ClientKey),
		"serverName":         textField(r, &t.ServerName),
		"insecureSkipVerify": r.flagField(&t.InsecureSkipVerify),
	}
}

func (r *reader) configuration(c *Configuration) map[string]field {
	return map[string]field{
		"interceptRequests": r.flagField(&c.InterceptRequests),
		"async":             r.flagField(&c.Async),
		"processResponse":   r.flagField(&c.ProcessResponse),
		"responseProcessing": func(raw []byte, pointer string) {
			r.object(raw, pointer, r.responseProcessing(&c.ResponseProcessing))
		},
		"onFailure":     textField(r, &c.OnFailure),
		"onTimeout":     textField(r, &c.OnTimeout),
		"onUnreachable": textField(r, &c.OnUnreachable),
		"mode":          textField(r, &c.Mode),
		"order":         r.integerField(math.MinInt32, math.MaxInt32, func(v int64) { c.Order = int(v) }),
		"breaker":       func(raw []byte, pointer string) { r.object(raw, pointer, r.breaker(&c.Breaker)) },
		"maxAnswer":     r.integerField(1, maxAnswerLimit, func(v int64) { c.MaxAnswer = v }),

		"enableRetries":     r.enabled(&c.DisableRetries),
		"useCloudEvents":    r.choice(&c.UseCloudEvents),
		"cloudEventSource":  textField(r, &c.CloudEventSource),
		"cloudEventSubject": textField(r, &c.CloudEventSubject),
	}
}

func (r *reader) responseProcessing(p *ResponseProcessing) map[string]field {
	return map[string]field{
		"mergeStrategy": textField(r, &p.MergeStrategy),
		"fieldMapping": func(raw []byte, pointer string) {
			r.eachMember(raw, pointer, func(name string, value []byte, at string) {
				if to, ok := r.text(value, at); ok {
					p.FieldMapping = append(p.FieldMapping, Mapping{From: name, To: to})
				}
			})
		},
	}
}

func (r *reader) breaker(b *Breaker) map[string]field {
	return map[string]field{
		"failures": r.integerField(math.MinInt32, math.MaxInt32, func(v int64) {
			if b.Failures = int(v); v == 0 {
				b.Failures = -1 // 0 written down means off; a field left at 0 means the default
			}
		}),
		"pause":    r.durationField(&b.Pause),
		"maxPause": r.durationField(&b.MaxPause),
	}
}

// enabled reads a flag whose absence means true.
func (r *reader) enabled(disabled *bool) field {
	return func(raw []byte, pointer string) {
		var enabled bool
		r.flagField(&enabled)(raw, pointer)
		*disabled = !enabled
	}
}

// choice reads a flag whose absence means neither.
func (r *reader) choice(dst **bool) field {
	return func(raw []byte, pointer string) {
		flag := new(bool)
		r.flagField(flag)(raw, pointer)
		*dst = flag
	}
}

func (r *reader) headers(raw []byte, pointer string) (list []Header) {
	r.eachMember(raw, pointer, func(name string, value []byte, at string) {
		if text, ok := r.text(value, at); ok {
			list = append(list, Header{Name: name, Value: NewSecret(text)})
		}
	})
	return list
}

func (r *reader) secrets(raw []byte, pointer string) []Secret {
	texts := r.textOrList(raw, pointer)
	secrets := make([]Secret, len(texts))
	for i, text := range texts {
		secrets[i] = NewSecret(text)
	}
	return secrets
}

func (r *reader) schemes(raw []byte, pointer string) []Scheme {
	texts := r.textOrList(raw, pointer)
	schemes := make([]Scheme, len(texts))
	for i, text := range texts {
		schemes[i] = Scheme(text)
	}
	return schemes
}

// filters reads each value as a scalar or a list. Whether the values are
// scalars is for Compile to check, like the path.
func (r *reader) filters(raw []byte, pointer string) (list []Filter) {
	r.eachMember(raw, pointer, func(name string, value []byte, _ string) {
		filter := Filter{Path: name}
		if strictjson.KindOf(value) == strictjson.Array {
			for item := range strictjson.Elements(value) {
				filter.Values = append(filter.Values, bytes.Clone(item))
			}
		} else {
			filter.Values = [][]byte{bytes.Clone(value)}
		}
		list = append(list, filter)
	})
	return list
}
