package webhook

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/voorpoort/voorpoort/strictjson"
)

// This file reads and writes the members of a webhook that concern deliveries.

// deliveries are the members of the document.
func (r *reader) deliveries(w *Webhook) map[string]field {
	return map[string]field{
		"format":      textField(r, &w.EventFormat),
		"batchSize":   r.integerField(1, MaxBatchSize, func(v int64) { w.BatchSize = int(v) }),
		"retryPolicy": textField(r, &w.RetryPolicy),
		"maxRetries":  r.integerField(0, MaxRetries, func(v int64) { n := int(v); w.MaxRetries = &n }),
		"noRetryOn":   func(raw []byte, pointer string) { w.NoRetryOn = r.statuses(raw, pointer) },
		"ordered":     r.flagField(&w.Ordered),
		"orderPolicy": textField(r, &w.OrderPolicy),
		"skipAfter":   r.integerField(1, MaxSkipAfter, func(v int64) { w.SkipAfter = int(v) }),
		"concurrency": r.integerField(1, MaxConcurrency, func(v int64) { w.Concurrency = int(v) }),
		"oauth2": func(raw []byte, pointer string) {
			w.OAuth2 = new(OAuth2)
			r.object(raw, pointer, r.oauth2(w.OAuth2))
		},
		"zgwJwt": func(raw []byte, pointer string) {
			w.ZGWJWT = new(ZGWJWT)
			r.object(raw, pointer, r.zgwJWT(w.ZGWJWT))
		},
	}
}

func (r *reader) oauth2(o *OAuth2) map[string]field {
	return map[string]field{
		"tokenUrl":     r.addressField(&o.TokenURL),
		"clientId":     textField(r, &o.ClientID),
		"clientSecret": r.secretField(&o.ClientSecret),
		"scopes":       func(raw []byte, pointer string) { o.Scopes = r.textList(raw, pointer) },
		"audience":     textField(r, &o.Audience),
		"style":        textField(r, &o.Style),
	}
}

func (r *reader) zgwJWT(z *ZGWJWT) map[string]field {
	return map[string]field{
		"clientId":           textField(r, &z.ClientID),
		"secret":             r.secretField(&z.Secret),
		"userId":             textField(r, &z.UserID),
		"userRepresentation": textField(r, &z.UserRepresentation),
	}
}

// statuses reads a list of HTTP statuses.
func (r *reader) statuses(raw []byte, pointer string) (list []int) {
	if !r.is(raw, pointer, strictjson.Array, "a list of statuses") {
		return nil
	}
	index := 0
	for item := range strictjson.Elements(raw) {
		r.integerField(minNoRetry, maxNoRetry, func(v int64) { list = append(list, int(v)) })(item, element(pointer, index))
		index++
	}
	return list
}

// expandCredentials applies replace to the settings of oauth2 and zgwJwt.
func (w *Webhook) expandCredentials(replace func(string) string) {
	secret := func(s Secret) Secret { return NewSecret(replace(s.Reveal())) }
	if w.OAuth2 != nil {
		o := *w.OAuth2
		o.TokenURL = NewAddress(replace(o.TokenURL.Reveal()))
		o.ClientID, o.ClientSecret = replace(o.ClientID), secret(o.ClientSecret)
		o.Audience = replace(o.Audience)
		o.Scopes = slices.Clone(o.Scopes)
		for i := range o.Scopes {
			o.Scopes[i] = replace(o.Scopes[i])
		}
		w.OAuth2 = &o
	}
	if w.ZGWJWT != nil {
		z := *w.ZGWJWT
		z.ClientID, z.Secret = replace(z.ClientID), secret(z.Secret)
		z.UserID, z.UserRepresentation = replace(z.UserID), replace(z.UserRepresentation)
		w.ZGWJWT = &z
	}
}

// deliveries writes the members that are set.
func (d *writer) deliveries(w *Webhook) {
	d.text("format", string(w.EventFormat))
	d.integer("batchSize", int64(w.BatchSize))
	d.text("retryPolicy", string(w.RetryPolicy))
	if w.MaxRetries != nil {
		d.member("maxRetries", strconv.AppendInt(nil, int64(*w.MaxRetries), 10))
	}
	if len(w.NoRetryOn) > 0 {
		raw, _ := json.Marshal(w.NoRetryOn)
		d.member("noRetryOn", raw)
	}
	d.flag("ordered", w.Ordered)
	d.text("orderPolicy", string(w.OrderPolicy))
	d.integer("skipAfter", int64(w.SkipAfter))
	d.integer("concurrency", int64(w.Concurrency))
	d.oauth2(w.OAuth2)
	d.zgwJWT(w.ZGWJWT)
}

func (d *writer) oauth2(o *OAuth2) {
	if o == nil {
		return
	}
	d.name("oauth2")
	d.open()
	d.address("tokenUrl", o.TokenURL)
	d.text("clientId", o.ClientID)
	d.secret("clientSecret", o.ClientSecret)
	texts(d, "scopes", o.Scopes)
	d.text("audience", o.Audience)
	d.text("style", string(o.Style))
	d.close()
}

func (d *writer) zgwJWT(z *ZGWJWT) {
	if z == nil {
		return
	}
	d.name("zgwJwt")
	d.open()
	d.text("clientId", z.ClientID)
	d.secret("secret", z.Secret)
	d.text("userId", z.UserID)
	d.text("userRepresentation", z.UserRepresentation)
	d.close()
}
