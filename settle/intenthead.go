package settle

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/strictjson"
)

// intentHead is the JSON at the beginning of a written intent. The bodies follow
// it byte for byte, since encoding/json would respell them.
type intentHead struct {
	Version     int         `json:"v"`
	Handler     string      `json:"handler"`
	Server      string      `json:"server,omitempty"`
	Listen      []string    `json:"listen,omitempty"`
	Scheme      string      `json:"scheme,omitempty"`
	Host        string      `json:"host,omitempty"`
	Method      string      `json:"method"`
	Path        string      `json:"path"`
	Prefix      string      `json:"prefix,omitempty"`
	Rewritten   bool        `json:"rewritten,omitempty"`
	Thing       bool        `json:"thing,omitempty"`
	Query       string      `json:"query,omitempty"`
	Asked       string      `json:"asked,omitempty"`
	Correlate   string      `json:"correlate,omitempty"`
	Credentials bool        `json:"credentials,omitempty"`
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

// intentVersion changes when an older gateway could not read it. Members that it
// may pass over can be added without.
const intentVersion = 1

// MarshalBinary writes the intent: a line of JSON, then the bodies. Every write
// waits for it, so the line is written without encoding/json.
func (i *Intent) MarshalBinary() ([]byte, error) {
	var fetched, image []byte
	if len(i.Fetched) > 0 {
		var err error
		if fetched, err = json.Marshal(i.Fetched); err != nil {
			return nil, fmt.Errorf("writing an intent: %w", err)
		}
	}
	if i.Before != nil {
		image = i.Before.Body
	}
	out := make([]byte, 0, i.headSize()+len(fetched)+len(i.Body)+len(i.Opaque)+len(image))
	out, err := i.appendHead(out, fetched, len(image))
	if err != nil {
		return nil, fmt.Errorf("writing an intent: %w", err)
	}
	out = append(out, i.Body...)
	out = append(out, i.Opaque...)
	return append(out, image...), nil
}

// What an intent's JSON takes beside the texts in it, in bytes.
const (
	headRoom = 400 // names of all members, numbers, the time
	textRoom = 8   // quotes, brackets and commas of one element of a list
)

// headSize is the room for the line, when its texts need no escapes.
func (i *Intent) headSize() int {
	n := headRoom + len(i.Handler) + len(i.Server) + len(i.Scheme) + len(i.Host) + len(i.Method) + len(i.Path) +
		len(i.Prefix) + len(i.Query) + len(i.Asked) + len(i.Correlate) + len(i.ContentType) + len(i.Event) + len(i.Rule)
	for _, texts := range [][]string{i.Listen, i.Flags} {
		n += listSize(texts)
	}
	for name, values := range i.Header {
		n += len(name) + textRoom + listSize(values)
	}
	if i.Before != nil {
		n += len(i.Before.ETag) + len(i.Before.Quality)
	}
	return n
}

func listSize(texts []string) (n int) {
	for _, text := range texts {
		n += len(text) + textRoom
	}
	return n
}

// appendHead appends the line, as encoding/json would read it into an intentHead.
func (i *Intent) appendHead(dst []byte, fetched []byte, image int) (_ []byte, err error) {
	dst = strconv.AppendInt(append(dst, `{"v":`...), intentVersion, 10)
	dst = appendMember(dst, `,"handler":`, i.Handler)
	dst = appendKnown(dst, `,"server":`, i.Server)
	dst = appendList(dst, `,"listen":`, i.Listen)
	dst = appendKnown(dst, `,"scheme":`, i.Scheme)
	dst = appendKnown(dst, `,"host":`, i.Host)
	dst = appendMember(dst, `,"method":`, i.Method)
	dst = appendMember(dst, `,"path":`, i.Path)
	dst = appendKnown(dst, `,"prefix":`, i.Prefix)
	dst = appendTrue(dst, `,"rewritten":`, i.Rewritten)
	dst = appendTrue(dst, `,"thing":`, i.Thing)
	dst = appendKnown(dst, `,"query":`, i.Query)
	dst = appendKnown(dst, `,"asked":`, i.Asked)
	dst = appendKnown(dst, `,"correlate":`, i.Correlate)
	dst = appendTrue(dst, `,"credentials":`, i.Credentials)
	dst = appendFields(dst, i.Header)
	dst = appendKnown(dst, `,"content_type":`, i.ContentType)
	dst = appendMember(dst, `,"event":`, i.Event)
	if dst, err = i.Time.AppendText(append(dst, `,"time":"`...)); err != nil {
		return nil, err
	}
	dst = appendKnown(append(dst, '"'), `,"rule":`, i.Rule)
	dst = appendList(dst, `,"flags":`, i.Flags)
	dst = i.Before.appendHead(dst)
	dst = appendSizes(dst, len(i.Body), len(i.Opaque), image)
	if len(fetched) > 0 {
		dst = append(append(dst, `,"fetched":`...), fetched...)
	}
	return append(dst, '}', '\n'), nil
}

// appendHead appends what the line says of an image, if there is one.
func (b *Image) appendHead(dst []byte) []byte {
	if b == nil {
		return dst
	}
	// A member that is false or empty may stand there as well as not, and then the
	// comma needs no thought.
	dst = append(dst, `,"image":{"missing":`...)
	dst = strconv.AppendBool(dst, b.Missing)
	dst = appendKnown(dst, `,"etag":`, b.ETag)
	dst = appendKnown(dst, `,"quality":`, string(b.Quality))
	return append(dst, '}')
}

// appendMember appends a member. name has its quotes, comma and colon: there are
// many of them, and each write pays for them.
func appendMember(dst []byte, name, value string) []byte {
	return strictjson.AppendQuote(append(dst, name...), value)
}

// appendKnown leaves out what is empty.
func appendKnown(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return appendMember(dst, name, value)
}

// appendTrue leaves out what is false.
func appendTrue(dst []byte, name string, value bool) []byte {
	if !value {
		return dst
	}
	return append(append(dst, name...), "true"...)
}

func appendList(dst []byte, name string, texts []string) []byte {
	if len(texts) == 0 {
		return dst
	}
	return appendTexts(append(dst, name...), texts)
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for n, text := range texts {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = strictjson.AppendQuote(dst, text)
	}
	return append(dst, ']')
}

// appendFields appends the header, in any order.
func appendFields(dst []byte, fields http.Header) []byte {
	if len(fields) == 0 {
		return dst
	}
	dst = append(dst, `,"header":{`...)
	first := true
	for name, values := range fields {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(strictjson.AppendQuote(dst, name), ':')
		dst = appendTexts(dst, values)
	}
	return append(dst, '}')
}

func appendSizes(dst []byte, body, opaque, image int) []byte {
	dst = strconv.AppendInt(append(dst, `,"sizes":[`...), int64(body), 10)
	dst = strconv.AppendInt(append(dst, ','), int64(opaque), 10)
	dst = strconv.AppendInt(append(dst, ','), int64(image), 10)
	return append(dst, ']')
}
