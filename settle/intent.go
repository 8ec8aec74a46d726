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
	Handler string   // which gate of the configuration, see its maker
	Server  string   // which server of the configuration, by name
	Listen  []string // the addresses of that server, since names move
	Scheme  string
	Host    string

	Method      string
	Path        string // percent-encoded, as forwarded
	Prefix      string // that handlers before the gate took off the path, percent-encoded
	Rewritten   bool   // they made another path of it: the resource cannot be asked for
	Thing       bool   // the path names the thing that is written, not something to do with it
	Query       string
	Asked       string // the query as it came in, before handlers made another of it
	Correlate   string // path and query at which what a POST made can be found; "" for none
	Credentials bool   // the caller sent some, which are not kept
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
		Handler: head.Handler, Server: head.Server, Listen: head.Listen, Scheme: head.Scheme, Host: head.Host,
		Method: head.Method, Path: head.Path, Prefix: head.Prefix, Rewritten: head.Rewritten, Thing: head.Thing,
		Query: head.Query, Asked: head.Asked, Correlate: head.Correlate, Credentials: head.Credentials,
		Header: head.Header, ContentType: head.ContentType,
		Body: parts[0], Opaque: parts[1], Event: head.Event, Time: head.Time, Rule: head.Rule, Flags: head.Flags,
		Fetched: head.Fetched,
	}
	if known := head.Image; known != nil {
		i.Before = &Image{Image: event.Image{Body: parts[2], ETag: known.ETag, Quality: known.Quality}, Missing: known.Missing}
	}
	return nil
}
