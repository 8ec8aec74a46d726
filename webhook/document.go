package webhook

import (
	"strconv"

	"github.com/voorpoort/voorpoort/strictjson"
)

// tls writes the member of that name.
func (d *writer) tls(t TLS) {
	if t == (TLS{}) {
		return
	}
	d.name("tls")
	d.open()
	d.text("ca", t.CA)
	d.text("clientCertificate", t.ClientCertificate)
	d.secret("clientKey", t.ClientKey)
	d.text("serverName", t.ServerName)
	d.flag("insecureSkipVerify", t.InsecureSkipVerify)
	d.close()
}

// configuration writes the member of that name.
func (d *writer) configuration(c *Configuration) {
	d.name("configuration")
	d.open()
	d.flag("interceptRequests", c.InterceptRequests)
	d.flag("async", c.Async)
	d.flag("processResponse", c.ProcessResponse)
	d.responseProcessing(&c.ResponseProcessing)
	d.text("onFailure", string(c.OnFailure))
	d.text("onTimeout", string(c.OnTimeout))
	d.text("onUnreachable", string(c.OnUnreachable))
	d.text("mode", string(c.Mode))
	d.integer("order", int64(c.Order))
	d.breaker(c.Breaker)
	d.integer("maxAnswer", c.MaxAnswer)
	if c.DisableRetries {
		d.member("enableRetries", []byte("false"))
	}
	if c.UseCloudEvents != nil {
		d.member("useCloudEvents", strconv.AppendBool(nil, *c.UseCloudEvents))
	}
	d.text("cloudEventSource", c.CloudEventSource)
	d.text("cloudEventSubject", c.CloudEventSubject)
	d.close()
}

func (d *writer) responseProcessing(p *ResponseProcessing) {
	if p.MergeStrategy == "" && len(p.FieldMapping) == 0 {
		return
	}
	d.name("responseProcessing")
	d.open()
	d.text("mergeStrategy", string(p.MergeStrategy))
	if len(p.FieldMapping) > 0 {
		d.name("fieldMapping")
		d.open()
		for _, mapping := range p.FieldMapping {
			d.member(mapping.From, strictjson.AppendQuote(nil, mapping.To))
		}
		d.close()
	}
	d.close()
}

func (d *writer) breaker(b Breaker) {
	if b == (Breaker{}) {
		return
	}
	d.name("breaker")
	d.open()
	d.integer("failures", int64(b.Failures))
	d.duration("pause", b.Pause)
	d.duration("maxPause", b.MaxPause)
	d.close()
}
