package manage

import (
	"strings"

	"github.com/voorpoort/voorpoort/catalogue"
)

// lane is the queue of a webhook, and what the rows of its log are found by.
func lane(e *catalogue.Entry) string {
	if e.Hook != nil {
		return e.Hook.Lane()
	}
	return strings.ToLower(e.UUID)
}
