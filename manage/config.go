package manage

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// Store is what the API reads and changes of the store. Every [delivery.Store]
// is one.
type Store interface {
	delivery.Archive
	delivery.Inspector
	delivery.Puller
	delivery.Documents
	Leaser
	Appender
}

// Appender takes events that are posted; see [delivery.Journal].
type Appender interface {
	Append(ctx context.Context, messages ...delivery.Message) error
}

// Leaser gives a subscriber what it fetches; see [delivery.Queue].
type Leaser interface {
	Lease(ctx context.Context, lane string, limit int, until time.Time) (leases []delivery.Lease, next time.Time, err error)
}

// Engine tells what the queues of this gateway are doing, and resumes them. It
// is a *delivery.Engine.
type Engine interface {
	Lanes() []delivery.LaneStatus
	Status(lane string) (delivery.LaneStatus, bool)
	Resume(lane string) bool
}

// Webhooks is the list of all webhooks. What is given out is shared and not to
// be changed.
type Webhooks interface {
	WebhookReader
	WebhookWriter
}

// WebhookReader finds webhooks.
type WebhookReader interface {
	// List gives all, by Number.
	List() []catalogue.Entry

	// Find takes a number or a UUID in any case.
	Find(idOrUUID string) (catalogue.Entry, bool)
}

// WebhookWriter changes webhooks; what it returns is in force in this gateway.
// A webhook that cannot be is a *webhook.ValidationError; other errors are
// those of package catalogue.
type WebhookWriter interface {
	Create(ctx context.Context, w webhook.Webhook) (catalogue.Entry, error)

	// Update replaces a webhook by what change makes of it. Revision 0 is
	// whichever it is; change may be called again when another was faster.
	Update(ctx context.Context, id string, revision uint64, change func(webhook.Webhook) (webhook.Webhook, error)) (catalogue.Entry, error)

	Delete(ctx context.Context, id string, revision uint64) error
}

// Config is what the API stands on.
type Config struct {
	Store    Store
	Engine   Engine
	Webhooks Webhooks

	// Test calls a webhook now, past its filters, whether it is enabled, and the
	// queue. The call is a row of the log.
	Test func(ctx context.Context, e catalogue.Entry) (delivery.Attempt, error)

	// Resend makes a failed call again: the same event, the next number, at
	// once. The retry that was to come is cancelled. delivery.ErrNotFound says
	// that the event is not kept any more, ErrUnderWay that the gateway is making
	// a call about it itself.
	Resend func(ctx context.Context, e catalogue.Entry, a delivery.Attempt) (delivery.Attempt, error)

	// Check explains what would become of a request.
	Check func(ctx context.Context, q CheckRequest) (CheckReport, error)

	// Settle ends a hold by hand: the write happened, or it did not. ErrUnderWay
	// says that it is too early.
	Settle func(ctx context.Context, holdID string, happened bool) error

	// UnderWay tells whether this gateway has the request of a hold; may be nil.
	UnderWay func(holdID string) bool

	Activity  *Activity
	Access    *Access
	Dashboard http.Handler // nil: none

	// Redact are JSON Pointers (RFC 6901) of what is hidden in bodies that are
	// shown; "*" stands for any one member or element. A body that is not JSON
	// is hidden as a whole when there are any.
	Redact []string

	// Away tells of an error whether it says that the store cannot be reached at
	// the moment, which clients are told; nil: they are told that something went
	// wrong.
	Away func(error) bool

	// Known says why it is not known yet who is told of events: a gateway may start
	// while its store is away. nil, and a nil error: all webhooks are known.
	Known func() error

	Report func(error) // what went wrong that the client is not told; nil: nobody

	// Tell is told of every change and of every look at bodies when it is over,
	// by the goroutine of the request; nil: nobody is.
	Tell func(Deed)

	// Types gives the types of the events that this gateway can emit, before the
	// write and after it, for asyncapi.json; nil: none are described.
	Types func() (before, after []event.Type)

	// Sources gives the sources of the events that this gateway makes itself:
	// nobody hands in an event with one of these. nil: any source may be.
	Sources func() []string

	Contact Contact // whom openapi.json names; the zero value is the project

	StoreKind string // local, redis ..., for people

	Gateway      string // name of this gateway
	Version      string // of Voorpoort
	CaddyVersion string // of the server that it is part of
}

// validate says what is missing.
func (c *Config) validate() error {
	switch {
	case c.Access == nil:
		return errors.New("manage: nobody could log in: an Access is needed")
	case c.Store == nil || c.Engine == nil || c.Webhooks == nil || c.Activity == nil:
		return errors.New("manage: a store, an engine, webhooks and an activity are needed")
	case c.Test == nil || c.Resend == nil || c.Check == nil || c.Settle == nil:
		return errors.New("manage: the functions Test, Resend, Check and Settle are needed")
	}
	return c.Contact.Validate()
}
