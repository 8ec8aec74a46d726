package webhook

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// MarshalJSON writes the webhook in the shape that Parse reads, with secrets,
// header values and keys masked and the URL without its query.
func (w Webhook) MarshalJSON() ([]byte, error) { return w.document(false), nil }

// Plain writes the webhook in the shape that Parse reads, secrets in the clear.
// It is for a configuration that will be loaded, and for nothing else.
func (w Webhook) Plain() []byte { return w.document(true) }

// String gives name, method and address, and no secret.
func (w Webhook) String() string { return describe(w.Name, w.Method, w.URL) }

// Format writes the same as String whatever the verb and flags.
func (w Webhook) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, w.String()) }

// LogValue logs name, method and address.
func (w Webhook) LogValue() slog.Value { return logged(w.Name, w.Method, w.URL) }

// Expand gives the webhook with replace applied to each text in which a
// configuration may use placeholders: url, header values, secrets, proxy, and
// the settings of tls, oauth2 and zgwJwt.
func (w Webhook) Expand(replace func(string) string) Webhook {
	secret := func(s Secret) Secret { return NewSecret(replace(s.Reveal())) }
	w.URL = NewAddress(replace(w.URL.Reveal()))
	w.Proxy = NewAddress(replace(w.Proxy.Reveal()))
	headers := make([]Header, len(w.Headers))
	for i, header := range w.Headers {
		headers[i] = Header{Name: header.Name, Value: secret(header.Value)}
	}
	w.Headers = headers
	secrets := make([]Secret, len(w.Secrets))
	for i := range w.Secrets {
		secrets[i] = secret(w.Secrets[i])
	}
	w.Secrets = secrets
	w.TLS.CA = replace(w.TLS.CA)
	w.TLS.ClientCertificate = replace(w.TLS.ClientCertificate)
	w.TLS.ClientKey = secret(w.TLS.ClientKey)
	w.TLS.ServerName = replace(w.TLS.ServerName)
	w.expandCredentials(replace)
	return w
}

// document writes the members that are set, in the order of the fields.
func (w *Webhook) document(reveal bool) []byte {
	d := &writer{reveal: reveal}
	d.open()
	d.text("uuid", w.UUID)
	d.text("name", w.Name)
	d.address("url", w.URL)
	d.text("method", w.Method)
	texts(d, "events", w.Events)
	d.headers(w.Headers)
	d.secrets(w.Secrets)
	texts(d, "signature", w.Signatures)
	d.member("enabled", strconv.AppendBool(nil, !w.Disabled))
	d.filters(w.Filters)
	d.text("source", w.Source)
	d.eventFilters(w.EventFilters)
	d.text("style", string(w.Style))
	d.text("when", w.When)
	d.duration("timeout", w.Timeout)
	d.text("contentType", w.ContentType)
	d.text("client", string(w.Client))
	d.address("proxy", w.Proxy)
	d.tls(w.TLS)
	d.deliveries(w)
	d.configuration(&w.Configuration)
	return d.close()
}

// writer writes one JSON document, leaving out what is not set.
type writer struct {
	out    []byte
	comma  bool
	reveal bool
}

func (d *writer) open()         { d.out, d.comma = append(d.out, '{'), false }
func (d *writer) close() []byte { d.out, d.comma = append(d.out, '}'), true; return d.out }

func (d *writer) name(name string) {
	if d.comma {
		d.out = append(d.out, ',')
	}
	d.comma = true
	d.out = append(strictjson.AppendQuote(d.out, name), ':')
}

func (d *writer) member(name string, raw []byte) {
	d.name(name)
	d.out = append(d.out, raw...)
}

func (d *writer) text(name, text string) {
	if text != "" {
		d.member(name, strictjson.AppendQuote(nil, text))
	}
}

func (d *writer) secret(name string, s Secret) {
	if d.reveal {
		d.text(name, s.Reveal())
		return
	}
	d.text(name, s.String())
}

func (d *writer) address(name string, a Address) {
	if d.reveal {
		d.text(name, a.Reveal())
		return
	}
	d.text(name, a.String())
}

func (d *writer) duration(name string, value time.Duration) {
	if value != 0 {
		d.text(name, value.String())
	}
}

func (d *writer) flag(name string, value bool) {
	if value {
		d.member(name, []byte("true"))
	}
}

func (d *writer) integer(name string, value int64) {
	if value != 0 {
		d.member(name, strconv.AppendInt(nil, value, 10))
	}
}

func texts[T ~string](d *writer, name string, values []T) {
	if len(values) > 0 {
		raw, _ := json.Marshal(values)
		d.member(name, raw)
	}
}

func (d *writer) headers(headers []Header) {
	if len(headers) == 0 {
		return
	}
	d.name("headers")
	d.open()
	for _, header := range headers {
		value := header.Value.String()
		if d.reveal {
			value = header.Value.Reveal()
		}
		d.member(header.Name, strictjson.AppendQuote(nil, value))
	}
	d.close()
}

// secrets writes one secret as a text, several as a list. It writes an empty
// one too: that is a fault, not the absence of a secret.
func (d *writer) secrets(secrets []Secret) {
	values := make([]string, len(secrets))
	for i, secret := range secrets {
		values[i] = secret.String()
		if d.reveal {
			values[i] = secret.Reveal()
		}
	}
	if len(values) == 1 {
		d.member("secret", strictjson.AppendQuote(nil, values[0]))
		return
	}
	texts(d, "secret", values)
}

func (d *writer) filters(filters []Filter) {
	if len(filters) == 0 {
		return
	}
	d.name("filters")
	d.open()
	for _, filter := range filters {
		d.name(filter.Path)
		if len(filter.Values) == 1 {
			d.out = append(d.out, filter.Values[0]...)
			continue
		}
		d.out = append(d.out, '[')
		for i, value := range filter.Values {
			if i > 0 {
				d.out = append(d.out, ',')
			}
			d.out = append(d.out, value...)
		}
		d.out = append(d.out, ']')
	}
	d.close()
}
