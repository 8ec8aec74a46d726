package event

import (
	"context"
	"time"
)

// DefaultMaxEvent is the size of an after-event in bytes, unless [Exchange.MaxEvent] says otherwise. Receivers that keep to
// CloudEvents take 64 KiB; this stops an answer of megabytes from being stored once more as an event.
const DefaultMaxEvent = 1 << 20

// Exchange is a write and what became of it: everything from which [Match.After] makes events. Its bytes must not be changed as
// long as the events are in use.
type Exchange struct {
	// Request is the write; its body as the register got it, with the changes of webhooks.
	Request *Request

	// Response is the register's answer; nil when nobody saw it, see Recovered and Outcome.
	Response *Response

	// Before is the resource before the write; nil when nobody asked for it, see [Match.NeedsBefore].
	Before *Image

	// Fetched holds what [Match.Prepare] looked up before the write, by name. It can be kept as JSON.
	Fetched map[string]Fetched

	// Fetch gets a document from the same register by GET: a path with an optional query. It gives one JSON value that has
	// passed strictjson.Check, within the caller's bounds of time and size. Rules without lookups never call it.
	Fetch func(ctx context.Context, path string) ([]byte, error)

	// PublicURL is the base of links in events, such as "https://register.example.nl", without a slash at the end.
	PublicURL string

	// ID is the id of the first event. Further ones are derived from it, so that the same exchange gives the same ids
	// whenever its events are made. Empty: new ids.
	ID string

	// Time is when the register answered. Default: now.
	Time time.Time

	// Recovered says that the events are made after a crash. It becomes the extension attribute recovered.
	Recovered bool

	// Outcome is "unknown" when the register cannot tell what became of the write. It becomes the extension attribute
	// outcome, and the events have other ids, see [DoubtID].
	Outcome string

	// Flags are the names of the webhooks that let the write pass under the policy flag. They become the extension
	// attribute flagged, with commas between.
	Flags []string

	// Wanted says whether anybody wants events of a type. Nothing is looked up for the others. Default: all are wanted.
	Wanted func(Type) bool

	// MaxEvent bounds an event in bytes. Default: [DefaultMaxEvent]. Negative: no bound.
	MaxEvent int

	// Profile says what happens to events that do not keep to the NL GOV profile for CloudEvents. Default: nothing.
	Profile Profile

	// Warn is told what an operator should know although no event is lost by it. Optional.
	Warn func(Warning)
}

// Warning is something that an operator should know about an exchange.
type Warning struct {
	Rule     string
	Type     Type
	Reason   string    // "require": the event's requirement does not hold; "profile": see Findings
	Findings []Finding // of the profile
}

// happened reports whether the register acted, or may have.
func (ex *Exchange) happened() bool {
	if ex.Response == nil {
		return ex.Recovered || ex.Outcome != ""
	}
	return ex.Response.success()
}

// wants reports whether a type is wanted.
func (ex *Exchange) wants(t Type) bool { return ex.Wanted == nil || ex.Wanted(t) }

// warn tells the caller.
func (ex *Exchange) warn(w Warning) {
	if ex.Warn != nil {
		ex.Warn(w)
	}
}

// maxEvent is the bound in bytes; zero for none.
func (ex *Exchange) maxEvent() int {
	switch {
	case ex.MaxEvent == 0:
		return DefaultMaxEvent
	case ex.MaxEvent < 0:
		return 0
	default:
		return ex.MaxEvent
	}
}
