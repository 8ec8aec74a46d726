package caddymodule

import (
	"context"

	"github.com/voorpoort/voorpoort/manage"
)

// check says what would become of a request: which rule recognises it, which
// events there would be, and which webhooks would be asked and told. Of several
// sites the first whose rules recognise it answers; nothing is sent.
func (c *cockpit) check(ctx context.Context, q manage.CheckRequest) (report manage.CheckReport, err error) {
	report = manage.CheckReport{Types: []string{}, Webhooks: []manage.CheckWebhook{}}
	entries, asked := c.catalogue.List(), map[string]bool{}
	for _, h := range c.app.gates.list() {
		if asked[h.fingerprint] {
			continue // another site has the same rules
		}
		asked[h.fingerprint] = true
		found, ok, err := manage.CheckRules(ctx, h.table, entries, q)
		if err != nil || ok {
			return found, err
		}
	}
	return report, nil
}

// list gives the handlers in the order in which they were provisioned.
func (g *gates) list() []*Handler {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]*Handler(nil), g.all...)
}
