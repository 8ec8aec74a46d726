package webhook

import (
	"crypto/tls"
	"net/url"
	"time"
)

// Hook is a compiled webhook. It is immutable and safe for use by many
// goroutines: its fields are there to be read, never to be changed.
type Hook struct {
	UUID string // "" when none was given
	Name string

	URL         *url.URL // may hold a secret in its query: never log it, log Address
	Address     Address  // the same, fit to be shown
	Method      string   // POST, PUT, PATCH or DELETE
	ContentType string
	Client      Client
	Proxy       *url.URL    // nil: none, whatever the environment says
	TLS         *tls.Config // nil: the system's trust and no client certificate

	Disabled bool
	Mode     Mode
	Order    int

	Timeout   time.Duration // always positive
	MaxAnswer int64         // bytes; 0: the gateway's own limit
	Breaker   Breaker       // Failures 0: no breaker

	OnFailure, OnTimeout, OnUnreachable Policy // Reject, Allow or Flag

	ProcessResponse bool      // the answer may change the body
	Strategy        Strategy  // set when ProcessResponse is
	Mapping         []Mapping // for Custom, in the order written

	// Pointers, so that nothing of these shows when a Hook is printed from
	// where its own Format cannot be called.
	headers *headers
	signer  *signer
}

// Defaults are what the gateway's own configuration says for webhooks that
// say nothing. Zero fields mean this package's defaults.
type Defaults struct {
	Timeout   time.Duration // instead of DefaultTimeout
	OnFailure Policy        // instead of Reject
}
