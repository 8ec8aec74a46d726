package webhook

import (
	"encoding/json"
	"time"
)

// Limits and defaults of a webhook. Each limit stops one way to make a webhook
// cost more than it is worth.
const (
	DefaultTimeout = 30 * time.Second // of seed 002
	MinTimeout     = time.Millisecond
	MaxTimeout     = 120 * time.Second

	DefaultBreakerFailures = 5
	DefaultBreakerPause    = time.Second
	DefaultBreakerMaxPause = 30 * time.Second
	maxBreakerPause        = time.Hour

	maxName         = 255     // characters, as in OpenRegister's table
	maxURL          = 1024    // bytes, as in OpenRegister's table
	maxEvents       = 1000    // patterns of one webhook
	maxPattern      = 255     // bytes of one pattern
	maxFilters      = 100     // filters of one webhook
	maxFilterPath   = 1024    // bytes of one path
	maxFilterValues = 10_000  // values of one filter
	maxHeaders      = 64      // custom headers of one webhook
	maxHeaderValue  = 8 << 10 // bytes of one custom header
	maxSecrets      = 8       // secrets, so signatures, of one call
	maxMappings     = 1000    // entries of fieldMapping
	maxAnswerLimit  = 1 << 30 // bytes that maxAnswer may ask for
)

// Webhook is a webhook as it is written down: OpenRegister's entity, and what
// this gateway adds. [Parse] reads it from JSON; the JSON keys are camelCase
// and stand beside the fields here. A zero field means the default.
//
// json.Marshal and every way of printing mask what is secret, so a marshaled
// Webhook cannot be parsed into the same webhook again; [Webhook.Plain] writes
// it in full, for a configuration file.
type Webhook struct {
	UUID string // uuid: optional, canonical form
	Name string // name: required, at most 255 characters, no control characters

	// URL (url) is where the call goes: absolute, http or https, at most 1024
	// bytes, without credentials and fragment. A query is kept as written.
	URL    Address
	Method string // method: POST (default), PUT, PATCH or DELETE; GET only to subscribe with FormatOpenRegister

	// Events (events) are patterns on type names or class aliases; one that
	// covers either is enough. Empty: every event before the write for an
	// interceptor, every event after it for a subscriber.
	Events   []string
	Headers  []Header // headers: sent with every call, in the order written
	Disabled bool     // enabled: false
	Filters  []Filter // filters: all must hold; see [Filter]
	// Source (source) and EventFilters (eventFilters) look at the attributes of
	// the event: its source is this one, and all filters hold. These are in the
	// dialects exact, prefix, suffix, all, any and not of the CloudEvents
	// Subscriptions API: [{"prefix": {"type": "object."}}].
	Source       string
	EventFilters []json.RawMessage
	Style        Style // style: StylePush (default), or StylePull without a URL

	When string // when: a CEL expression that must hold as well

	Timeout time.Duration // timeout: whole seconds, or a text such as "1500ms"; 1 ms to 120 s, default 30 s

	// Secrets (secret: a text or a list) sign the calls. The first is the
	// current one; the others are for receivers that still hold an old one.
	Secrets    []Secret
	Signatures []Scheme // signature: one scheme or a list; see [Scheme] for the default

	ContentType string  // contentType: of an interceptor's calls, ContentTypeJSON (default) or ContentTypeCloudEvents
	Client      Client  // client: see [Client]
	Proxy       Address // proxy: URL of an HTTP proxy, may hold credentials; none by default
	TLS         TLS     // tls: only with an https URL

	// What follows concerns deliveries: events that reach the webhook through
	// the queue.

	EventFormat Format      // format: default FormatCloudEvents
	BatchSize   int         // batchSize: only with FormatBatch; default 50, at most 1000
	RetryPolicy RetryPolicy // retryPolicy: default Exponential
	MaxRetries  *int        // maxRetries: 0 to 100; nil: see [RetryPolicy.Length]
	NoRetryOn   []int       // noRetryOn: statuses, 400 to 499, after which the event is a dead letter at once
	Ordered     bool        // ordered: the events of one subject one at a time, in order
	OrderPolicy OrderPolicy // orderPolicy: only with ordered; default OrderPark
	SkipAfter   int         // skipAfter: only with OrderSkip, required there; 1 to 101 attempts
	Concurrency int         // concurrency: calls at the same time, 1 to 256, default 16

	// OAuth2 (oauth2) and ZGWJWT (zgwJwt) set the header Authorization. At most
	// one of them and of a custom header of that name.
	OAuth2 *OAuth2
	ZGWJWT *ZGWJWT

	Configuration Configuration // configuration
}

// Configuration is the webhook's member of that name: how it takes part in a
// request, and OpenRegister's settings of deliveries.
type Configuration struct {
	InterceptRequests  bool               // interceptRequests: be asked before the write; else be told after it
	Async              bool               // async: with interceptRequests, be told through the queue; nobody waits
	ProcessResponse    bool               // processResponse: the answer may change the request body
	ResponseProcessing ResponseProcessing // responseProcessing: only with processResponse

	// OnFailure (onFailure) says what happens to the request when the answer
	// is unusable; default reject. OnTimeout and OnUnreachable (onTimeout,
	// onUnreachable) say it for no answer in time and for no connection;
	// their default is OnFailure.
	OnFailure     Policy
	OnTimeout     Policy
	OnUnreachable Policy

	Mode      Mode    // mode: default enforce
	Order     int     // order: smaller is asked first, then by name; default 0
	Breaker   Breaker // breaker
	MaxAnswer int64   // maxAnswer: bytes of an answer, at most 1 GiB; default: the gateway's limit

	DisableRetries    bool   // enableRetries: false; one attempt, whatever maxRetries says
	UseCloudEvents    *bool  // useCloudEvents: true is FormatOpenRegisterCloudEvent, false FormatOpenRegister
	CloudEventSource  string // cloudEventSource: a URI reference; only with FormatOpenRegisterCloudEvent
	CloudEventSubject string // cloudEventSubject: only with FormatOpenRegisterCloudEvent
}

// ResponseProcessing says how an answer changes the request body.
type ResponseProcessing struct {
	MergeStrategy Strategy  // mergeStrategy: default merge
	FieldMapping  []Mapping // fieldMapping: only with, and required for, custom
}

// Mapping is one entry of fieldMapping: a dot path in the answer and a dot
// path in the request body.
type Mapping struct{ From, To string }

// Breaker keeps a webhook that fails again and again from costing every
// request its timeout: after Failures failures in a row it is not called for
// Pause, doubling up to MaxPause.
type Breaker struct {
	Failures int           // failures: default 5; in JSON 0 or less turns the breaker off, here only less
	Pause    time.Duration // pause: "1s" by default, at most 1 h
	MaxPause time.Duration // maxPause: "30s" by default, at most 1 h
}

// Header is one custom header.
type Header struct {
	Name  string
	Value Secret
}

// TLS says how an https webhook is trusted and what it is shown.
type TLS struct {
	CA                 string // ca: PEM certificates or the path of a file with them; replaces the system's
	ClientCertificate  string // clientCertificate: PEM or path
	ClientKey          Secret // clientKey: PEM or path
	ServerName         string // serverName: the name to ask for and verify, instead of the URL's host
	InsecureSkipVerify bool   // insecureSkipVerify: trust any certificate; for tests only
}

// Strategy is how an answer changes the request body.
type Strategy string

// The strategies; package apply says exactly what each does.
const (
	Merge      Strategy = "merge"
	Replace    Strategy = "replace"
	Custom     Strategy = "custom"
	MergePatch Strategy = "merge-patch"
	JSONPatch  Strategy = "json-patch"
)

// Policy is what happens to a request when a webhook gives no usable answer.
type Policy string

// The failure policies.
const (
	Reject Policy = "reject" // the request stops with a 502, 503 or 504
	Allow  Policy = "allow"  // the request goes on as if the webhook had approved
	Flag   Policy = "flag"   // the request goes on, marked for the register and in the event
	Queue  Policy = "queue"  // the request goes on, and the event is delivered to the webhook later
)

// Mode is how much a webhook's word counts.
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // answers count
	Warn    Mode = "warn"    // answers are waited for; a block becomes a warning, a change is not made
	Shadow  Mode = "shadow"  // called beside the request, which never waits; only recorded
	Off     Mode = "off"     // not called
)

// Client names the HTTP client that makes the calls.
type Client string

// The clients. A webhook behind a proxy uses net/http.
const (
	ClientVoorpoort Client = "voorpoort" // default: package transport, HTTP/1.1
	ClientNetHTTP   Client = "net/http"  // Go's own, with HTTP/2
)

// The content types of a call. The default is plain JSON because n8n leaves
// the body of any other type unread.
const (
	ContentTypeJSON        = "application/json"
	ContentTypeCloudEvents = "application/cloudevents+json"
)
