package interceptor

import (
	"time"

	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/webhook"
)

// Decision is what the webhooks together say about one write.
type Decision struct {
	// Block is set when the write must not reach the register.
	Block *Block

	// Body is the request body as it should go on. When Changed is false it is
	// the very slice that the event's request holds.
	Body    []byte
	Changed bool

	// Warnings are for the client, in the order of the webhooks.
	Warnings []Warning

	// Flags name the webhooks that failed under the policy flag: the write
	// goes on, marked.
	Flags []Flag

	// Queued are the webhooks that failed under the policy queue: the write goes
	// on, and they are to be told of the same event through the queue.
	Queued []Queued

	// Shadowed tells that a call in mode shadow was started, which looks at the
	// event and its body when the request is long over.
	Shadowed bool

	// Calls has one entry for each webhook that was asked and waited for, in
	// the order in which the answers were taken.
	Calls []Call

	memory *request.Memory // of Body, nil when it is not to be used again
}

// Recycle lets another request have the memory of the changed body, after which
// Body is nil. The caller must be certain that nobody looks at that body any
// more; see [request.Body.Recycle], which ends those who were given it to read.
func (d *Decision) Recycle() {
	d.Body = nil
	if d.memory != nil {
		d.memory.Recycle()
		d.memory = nil
	}
}

// Block is a refusal, ready to become a problem document (RFC 9457).
type Block struct {
	Webhook    string
	EventID    string
	Status     int
	Title      string
	Detail     string
	Errors     []byte        // JSON array from the webhook, or nil
	RetryAfter time.Duration // 0: the client is not told to try again
	Kind       BlockKind
}

// BlockKind tells a refusal by a webhook from one by the gateway.
type BlockKind string

// The kinds of block.
const (
	Rejected    BlockKind = "rejected"    // a webhook said no
	Unavailable BlockKind = "unavailable" // a webhook gave no usable answer and its policy is reject
)

// Warning is a sentence for the client that a webhook added to its approval,
// or, in mode warn, the refusal that it would have been.
type Warning struct {
	Webhook string
	Text    string
}

// Flag marks a write that went on although a webhook failed.
type Flag struct {
	Webhook string
	Reason  Reason
}

// Queued is a webhook that could not be asked, with the body that it would have
// been asked about.
type Queued struct {
	Hook *webhook.Hook
	Body []byte
}

// Outcome is how one call ended. The set is closed: it is a metric label.
type Outcome string

// The outcomes of a call. Only the last three let a write through unchecked.
const (
	OutcomeApproved     Outcome = "approved"
	OutcomeModified     Outcome = "modified"
	OutcomeRejected     Outcome = "rejected"
	OutcomeCanceled     Outcome = "canceled"
	OutcomeFailedClosed Outcome = "failed_closed"
	OutcomeFailedOpen   Outcome = "failed_open"
	OutcomeFlagged      Outcome = "failed_flagged"
	OutcomeQueued       Outcome = "failed_queued"
)

// FailedOpen tells whether the outcome let a write pass without the answer of
// the webhook.
func (o Outcome) FailedOpen() bool {
	return o == OutcomeFailedOpen || o == OutcomeFlagged || o == OutcomeQueued
}

// Call is the record of one webhook that was asked.
type Call struct {
	Webhook   string
	EventID   string
	EventType string

	Mode     webhook.Mode
	Outcome  Outcome
	Reason   Reason        // ReasonNone unless the call failed
	Status   int           // the answer's HTTP status, 0 when there was none
	Duration time.Duration // 0 when the webhook was not called
	Sent     int           // bytes of the event
	Received int           // bytes of the answer

	// Pointers are the places in the body that the answer changed, as JSON
	// Pointers (RFC 6901), the first ones only when More is set. In modes warn
	// and shadow they are what it would have changed.
	Pointers []string
	More     bool

	// Failure is the error of a failed call; it may be logged.
	Failure error
}
