package settle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Quality says how sure it is that an image is the resource as it was
// immediately before the write.
type Quality string

// The qualities of an image.
const (
	// Exact: the write was made conditional on the image's ETag (RFC 9110
	// section 13.1.1), so that nobody can have written in between.
	Exact Quality = "exact"

	// BestEffort: somebody may have written in between.
	BestEffort Quality = "besteffort"
)

// Image is a resource as it was before the write.
type Image struct {
	Body    []byte // one strict JSON value, verbatim; empty if there was no resource
	Quality Quality
	Missing bool // the register said that there is none (404 or 410)
}

// Intent is what a hold keeps of a write: enough to ask the register what became
// of it, and to make its events. It holds no credentials: of the header only the
// fields that go into events.
type Intent struct {
	Handler string // which gate of the configuration, see its maker
	Server  string // which server of the configuration
	Scheme  string
	Host    string

	Method      string
	Path        string // percent-encoded, as forwarded
	Query       string
	Header      http.Header
	ContentType string
	Body        []byte // as forwarded, one strict JSON value or empty
	Opaque      []byte // a body that is not JSON

	Event  string // the id of the first event that follows
	Time   time.Time
	Flags  []string // webhooks that were passed over under the policy flag
	Before *Image   // nil when nobody wanted one
}

var errIntent = errors.New("settle: this is not an intent")

// intentHead is the JSON at the beginning of a written intent. The bodies follow
// it byte for byte, since encoding/json would respell them.
type intentHead struct {
	Version     int         `json:"v"`
	Handler     string      `json:"handler"`
	Server      string      `json:"server,omitempty"`
	Scheme      string      `json:"scheme,omitempty"`
	Host        string      `json:"host,omitempty"`
	Method      string      `json:"method"`
	Path        string      `json:"path"`
	Query       string      `json:"query,omitempty"`
	Header      http.Header `json:"header,omitempty"`
	ContentType string      `json:"content_type,omitempty"`
	Event       string      `json:"event"`
	Time        time.Time   `json:"time"`
	Flags       []string    `json:"flags,omitempty"`
	Quality     Quality     `json:"quality,omitempty"`
	Missing     bool        `json:"missing,omitempty"`
	Image       bool        `json:"image,omitempty"`
	Sizes       [3]int      `json:"sizes"` // of body, opaque and image
}

// intentVersion changes when an older gateway could not read it.
const intentVersion = 1

// MarshalBinary writes the intent: a line of JSON, then the bodies.
func (i *Intent) MarshalBinary() ([]byte, error) {
	head := intentHead{
		Version: intentVersion, Handler: i.Handler, Server: i.Server, Scheme: i.Scheme, Host: i.Host,
		Method: i.Method, Path: i.Path, Query: i.Query, Header: i.Header, ContentType: i.ContentType,
		Event: i.Event, Time: i.Time, Flags: i.Flags,
		Sizes: [3]int{len(i.Body), len(i.Opaque)},
	}
	var image []byte
	if i.Before != nil {
		image = i.Before.Body
		head.Image, head.Quality, head.Missing, head.Sizes[2] = true, i.Before.Quality, i.Before.Missing, len(image)
	}
	out, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("writing an intent: %w", err)
	}
	out = append(out, '\n')
	out = append(out, i.Body...)
	out = append(out, i.Opaque...)
	return append(out, image...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote. The intent shares the bytes.
func (i *Intent) UnmarshalBinary(data []byte) error {
	line, rest, found := bytes.Cut(data, []byte{'\n'})
	var head intentHead
	if !found {
		return errIntent
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return fmt.Errorf("%w: %w", errIntent, err)
	}
	if head.Version != intentVersion {
		return fmt.Errorf("%w of version %d but %d", errIntent, intentVersion, head.Version)
	}
	var parts [3][]byte
	for n, size := range head.Sizes {
		if size < 0 || size > len(rest) {
			return fmt.Errorf("%w: it is cut off", errIntent)
		}
		parts[n], rest = rest[:size:size], rest[size:]
	}
	*i = Intent{
		Handler: head.Handler, Server: head.Server, Scheme: head.Scheme, Host: head.Host,
		Method: head.Method, Path: head.Path, Query: head.Query, Header: head.Header, ContentType: head.ContentType,
		Body: parts[0], Opaque: parts[1], Event: head.Event, Time: head.Time, Flags: head.Flags,
	}
	if head.Image {
		i.Before = &Image{Body: parts[2], Quality: head.Quality, Missing: head.Missing}
	}
	return nil
}
