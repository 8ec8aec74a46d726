package delivery

import "time"

// Attempt is one call to a receiver, as the log keeps it. Its fields are those
// of OpenRegister's log, with the duration and the reason's class beside them.
type Attempt struct {
	ID      uint64 // given by the store, ascending
	Lane    string
	Message string // the event's id
	Seq     uint64 // the message's position
	Type    string
	Class   string

	Time     time.Time     // when the call started
	Duration time.Duration // until the answer was read or given up
	Number   int           // of the attempt, from 1
	URL      string        // without credentials
	Method   string
	Success  bool
	Status   int    // HTTP status; 0 without an answer
	Reason   Reason // "" for a success
	Error    string // for people; at most MaxErrorText bytes; no secret

	// Request is the body that was sent; kept for failures only. Response is
	// the beginning of the answer's body, at most MaxResponseText bytes.
	Request  []byte
	Response []byte

	Next time.Time // when the next attempt is due; zero for none

	Replayed bool // a person had asked for the delivery again
}

// Limits of what the log keeps of one attempt.
const (
	MaxErrorText    = 1024     // bytes of Attempt.Error
	MaxResponseText = 16 << 10 // bytes of Attempt.Response
	MaxRequestText  = 1 << 20  // bytes of Attempt.Request
)

// Reason is the class of a failure: few values, for logs and metrics.
type Reason string

// The reasons of a failed attempt.
const (
	ReasonTimeout   Reason = "timeout"      // no answer in time
	ReasonRefused   Reason = "unreachable"  // no connection: refused, DNS, network
	ReasonTLS       Reason = "tls"          // no trusted connection
	ReasonGuarded   Reason = "egress"       // the address is not allowed
	ReasonBroken    Reason = "broken"       // the connection or the answer broke off
	ReasonRedirect  Reason = "redirect"     // 3xx, never followed
	ReasonClient    Reason = "client_error" // 4xx
	ReasonGone      Reason = "gone"         // 410
	ReasonThrottled Reason = "throttled"    // 429
	ReasonServer    Reason = "server_error" // 5xx
	ReasonAuth      Reason = "auth"         // 401 or 403, or no token to be had
	ReasonFormat    Reason = "format"       // the message cannot be written in the lane's format
)
