package settle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/event"
)

// Image is a resource as it was before the write.
type Image struct {
	event.Image
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
	Prefix      string // that handlers before the gate took off the path, percent-encoded
	Rewritten   bool   // they made another path of it: the resource cannot be asked for
	Query       string
	Header      http.Header
	ContentType string
	Body        []byte // as forwarded, one strict JSON value or empty
	Opaque      []byte // a body that is not JSON

	Event   string // the id of the first event that follows
	Time    time.Time
	Rule    string   // that decides what follows
	Flags   []string // webhooks that were passed over under the policy flag
	Before  *Image   // nil when nobody wanted one
	Fetched map[string]event.Fetched
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
	Prefix      string      `json:"prefix,omitempty"`
	Rewritten   bool        `json:"rewritten,omitempty"`
	Query       string      `json:"query,omitempty"`
	Header      http.Header `json:"header,omitempty"`
	ContentType string      `json:"content_type,omitempty"`
	Event       string      `json:"event"`
	Time        time.Time   `json:"time"`
	Rule        string      `json:"rule,omitempty"`
	Flags       []string    `json:"flags,omitempty"`
	Image       *imageHead  `json:"image,omitempty"`
	Sizes       [3]int      `json:"sizes"` // of body, opaque and image

	Fetched map[string]event.Fetched `json:"fetched,omitempty"`
}

// imageHead is what the JSON says of the image.
type imageHead struct {
	ETag    string        `json:"etag,omitempty"`
	Quality event.Quality `json:"quality,omitempty"`
	Missing bool          `json:"missing,omitempty"`
}

// intentVersion changes when an older gateway could not read it.
const intentVersion = 1

// MarshalBinary writes the intent: a line of JSON, then the bodies.
func (i *Intent) MarshalBinary() ([]byte, error) {
	head := intentHead{
		Version: intentVersion, Handler: i.Handler, Server: i.Server, Scheme: i.Scheme, Host: i.Host,
		Method: i.Method, Path: i.Path, Prefix: i.Prefix, Rewritten: i.Rewritten,
		Query: i.Query, Header: i.Header, ContentType: i.ContentType,
		Event: i.Event, Time: i.Time, Rule: i.Rule, Flags: i.Flags, Fetched: i.Fetched,
		Sizes: [3]int{len(i.Body), len(i.Opaque)},
	}
	var image []byte
	if before := i.Before; before != nil {
		image, head.Sizes[2] = before.Body, len(before.Body)
		head.Image = &imageHead{ETag: before.ETag, Quality: before.Quality, Missing: before.Missing}
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
		Method: head.Method, Path: head.Path, Prefix: head.Prefix, Rewritten: head.Rewritten,
		Query: head.Query, Header: head.Header, ContentType: head.ContentType,
		Body: parts[0], Opaque: parts[1], Event: head.Event, Time: head.Time, Rule: head.Rule, Flags: head.Flags,
		Fetched: head.Fetched,
	}
	if known := head.Image; known != nil {
		i.Before = &Image{Image: event.Image{Body: parts[2], ETag: known.ETag, Quality: known.Quality}, Missing: known.Missing}
	}
	return nil
}
