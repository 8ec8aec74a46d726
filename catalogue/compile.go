package catalogue

import (
	"fmt"

	"github.com/voorpoort/voorpoort/webhook"
)

// compile makes a stored webhook ready for use. What would read files of this
// machine is for the configuration only: whoever may make webhooks need not be
// one who may read those.
func (c *Catalogue) compile(w webhook.Webhook) (*webhook.Hook, error) {
	files := w.TLS.Files()
	faults := make([]webhook.FieldError, 0, len(files))
	for _, name := range files {
		faults = append(faults, webhook.FieldError{Pointer: "/tls/" + name, Detail: "must be PEM text; only the configuration can name files"})
	}
	if len(faults) > 0 {
		return nil, &webhook.ValidationError{Webhook: w.Name, Fields: faults}
	}
	return c.opt.Compile(w)
}

func invalid(w webhook.Webhook, pointer, detail string, args ...any) error {
	return &webhook.ValidationError{Webhook: w.Name, Fields: []webhook.FieldError{
		{Pointer: pointer, Detail: fmt.Sprintf(detail, args...)},
	}}
}

func uuidTaken(w webhook.Webhook) error { return invalid(w, "/uuid", "another webhook has it") }
