package delivery

import (
	"net/http"
	"slices"
	"time"
)

// Bounds of a pause that a receiver asks for.
const (
	DefaultThrottle = time.Minute    // after 429 without Retry-After
	MinThrottle     = time.Second    // "Retry-After: 0" must not make a loop
	MaxThrottle     = 24 * time.Hour // a receiver must not stop a lane for good by a slip
)

// response is what a result says about the receiver, the way to it or the
// message: it decides what becomes of the delivery and of the lane.
type response uint8

const (
	taken        response = iota + 1 // 2xx
	failed                           // no answer, 5xx, 408, 425: try again, and less at a time
	overloaded                       // 502, 504: try again, and one at a time
	throttled                        // 429, or 503 with Retry-After: leave the lane alone until then
	refused                          // 3xx and 4xx: try again, the receiver itself is well
	unacceptable                     // 413, 415, what NoRetry has, what cannot be sent: never try again
	gone                             // 410: never send anything again
	interrupted                      // we gave the call up: it says nothing
)

// respond classifies a result. The rules are those of Standard Webhooks 1.0.0
// and of HTTP 1.1 Web Hooks for Event Delivery 1.0.2 together.
func (l *Lane) respond(r *Result) response {
	switch s := r.Status; {
	case r.Unsendable:
		return unacceptable
	case r.Reason == "" && s < http.StatusMultipleChoices:
		return taken
	case s == http.StatusGone:
		return gone
	case s == http.StatusRequestEntityTooLarge, s == http.StatusUnsupportedMediaType, slices.Contains(l.NoRetry, s):
		return unacceptable
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable && r.RetryAfter > 0:
		return throttled
	case s == http.StatusBadGateway, s == http.StatusGatewayTimeout:
		return overloaded
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly:
		return failed
	case s >= http.StatusMultipleChoices && s < http.StatusInternalServerError:
		return refused
	}
	return failed
}

// divisible is whether a batch that met this response is sent again in halves:
// one bad message must not make dead letters of the others.
func (l *Lane) divisible(r *Result) bool {
	return l.respond(r) == unacceptable && r.Status != http.StatusUnsupportedMediaType
}

// throttle is how long the lane is left alone after a throttled result.
func throttle(r *Result) time.Duration {
	if r.RetryAfter <= 0 {
		return DefaultThrottle
	}
	return min(max(r.RetryAfter, MinThrottle), MaxThrottle)
}
