package webhook

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The values that each closed set allows.
var (
	methods      = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	strategies   = []Strategy{Merge, Replace, Custom, MergePatch, JSONPatch}
	policies     = []Policy{Reject, Allow, Flag, Queue}
	modes        = []Mode{Enforce, Warn, Shadow, Off}
	clients      = []Client{ClientVoorpoort, ClientNetHTTP}
	contentTypes = []string{ContentTypeJSON, ContentTypeCloudEvents}
)

// oneOf checks a member of a closed set and gives it back.
func oneOf[T ~string](value T, allowed []T, pointer string, f *faults) T {
	if !slices.Contains(allowed, value) {
		f.add(pointer, "is %q; allowed are %s", value, quotedList(allowed))
	}
	return value
}

// between checks a duration and gives it back.
func between(value, least, most time.Duration, pointer string, f *faults) time.Duration {
	if value < least || value > most {
		f.add(pointer, "is %s; allowed is %s to %s", value, least, most)
	}
	return value
}

// compileMethod takes a method in any case, as OpenRegister does. GET puts the
// event into the query, which only OpenRegister's own payload knows how to do.
func compileMethod(method string, h *Hook, f *faults) string {
	switch method = strings.ToUpper(method); method {
	case "":
		return http.MethodPost
	case http.MethodGet:
		if !h.Subscribes || h.EventFormat != FormatOpenRegister {
			f.add("/method", "is GET, which has no body to carry the event; only a subscriber with format %q may use it; allowed are %s",
				FormatOpenRegister, quotedList(methods))
		}
		return method
	}
	return oneOf(method, methods, "/method", f)
}

// compileClient chooses the client. Only net/http speaks to proxies.
func compileClient(w *Webhook, f *faults) Client {
	switch {
	case w.Client == "" && w.Proxy != (Address{}):
		return ClientNetHTTP
	case w.Client == "":
		return ClientVoorpoort
	case w.Client == ClientVoorpoort && w.Proxy != (Address{}):
		f.add("/client", "is %q, which cannot use a proxy; leave it out or choose %q", w.Client, ClientNetHTTP)
	}
	return oneOf(w.Client, clients, "/client", f)
}

// policySetting is one of the three failure policies and where it is written.
type policySetting struct {
	policy  *Policy
	pointer string
}

func policySettings(c *Configuration) [3]policySetting {
	return [3]policySetting{
		{&c.OnFailure, "/configuration/onFailure"},
		{&c.OnTimeout, "/configuration/onTimeout"},
		{&c.OnUnreachable, "/configuration/onUnreachable"},
	}
}
