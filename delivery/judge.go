package delivery

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// maxBuryReason is how much stores keep of Outcome.Reason.
const maxBuryReason = 1024

// judge says what becomes of a delivery after a call. random is for the jitter
// of the next attempt.
func (l *Lane) judge(lease Lease, r *Result, what response, random float64) Outcome {
	now := time.Now()
	o := Outcome{Lease: lease, Verdict: Retry}
	switch {
	case what == taken:
		o.Verdict = Done
	case what == interrupted:
		o.Verdict = Restore
	case what == gone || what == unacceptable:
		o.bury(finalReason(r), l.Order)
	case l.Order.last(l.Schedule, lease.Attempt):
		o.bury(fmt.Sprintf("given up after attempt %d: %s", lease.Attempt, describe(r)), l.Order)
	default:
		o.Due = now.Add(l.wait(lease.Attempt, r, what, random))
	}
	o.Attempt = l.attempt(lease, r, o.Due)
	return o
}

func (o *Outcome) bury(reason string, order Order) {
	o.Verdict = Bury
	o.Reason = cut(reason, maxBuryReason)
	o.Park = order.parks()
}

// wait is the time to the next attempt. What the receiver asks for only ever
// makes it longer, and not for ever.
func (l *Lane) wait(attempt int, r *Result, what response, random float64) time.Duration {
	asked := min(r.RetryAfter, MaxThrottle)
	if what == throttled {
		asked = throttle(r)
	}
	return max(l.Schedule.Wait(l.Order.step(l.Schedule, attempt), random), asked)
}

// finalReason says why a delivery is not attempted again after its first refusal.
func finalReason(r *Result) string {
	switch {
	case r.Unsendable:
		return "the message cannot be sent: " + describe(r)
	case r.Status == http.StatusGone:
		return "the receiver is gone for good: " + describe(r)
	case r.Status == http.StatusRequestEntityTooLarge:
		return "the message is too large for the receiver: " + describe(r)
	case r.Status == http.StatusUnsupportedMediaType:
		return "the receiver does not take the webhook's format: " + describe(r)
	}
	return "the webhook does not retry this status: " + describe(r)
}

func describe(r *Result) string {
	switch {
	case r.Error != "":
		return r.Error
	case r.Status != 0:
		return fmt.Sprintf("status %d", r.Status)
	}
	return string(r.Reason)
}

// attempt makes the row for the log.
func (l *Lane) attempt(lease Lease, r *Result, next time.Time) *Attempt {
	m := lease.Message
	a := &Attempt{
		Lane: lease.Lane, Message: m.ID, Seq: m.Seq, Type: m.Type, Class: m.Class,
		Time: r.Started, Duration: r.Duration, Number: lease.Attempt, URL: r.URL, Method: r.Method,
		Success: l.respond(r) == taken, Status: r.Status, Reason: r.Reason, Next: next, Replayed: lease.Replayed,
		Response: r.Response[:min(len(r.Response), MaxResponseText)],
	}
	if !a.Success {
		a.Error = cut(r.Error, MaxErrorText)
		a.Request = r.Request[:min(len(r.Request), MaxRequestText)]
	}
	return a
}

// Row is what the log says of a call that was made outside of an engine. Next is
// zero: nothing follows from it.
func (r *Result) Row(lease Lease) Attempt { return *new(Lane).attempt(lease, r, time.Time{}) }

// cut shortens a text to a number of bytes, between characters.
func cut(s string, limit int) string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
