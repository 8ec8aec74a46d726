package event

import (
	"encoding/base64"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// timeLayout is RFC 3339 in UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

// envelopeHead is the part of an envelope that is the same for all events of a type. If the type's name depends on the request
// the head ends where the name begins.
func envelopeHead(source string, extensions []byte, name template) []byte {
	head := append([]byte(nil), `{"specversion":"1.0","source":`...)
	head = strictjson.AppendQuote(head, source)
	head = append(head, `,"datacontenttype":"application/json"`...)
	head = append(head, extensions...)
	head = append(head, `,"type":`...)
	if text, fixed := name.fixed(); fixed {
		head = strictjson.AppendQuote(head, text)
	}
	return head
}

// AppendJSON appends the event as a CloudEvent in structured JSON (CloudEvents 1.0.2, JSON event format). The data describes the
// request as {"method", "path", "queryParams", "headers", "body"}; body, one JSON value that has passed strictjson.Check, is
// copied byte for byte and is null when there is none. A request with an opaque body has "body":null and "bodyBase64".
//
// body is an argument because a chain of webhooks may change it on the way; pass Request.Body when none has. If the rule has a
// data_expression, call [Event.Rebase] after each change first; here its failure can only be told as "data":null.
//
// An event after the action is appended as it was made, see [Match.After]; body has no meaning then.
func (e *Event) AppendJSON(dst, body []byte) []byte {
	if e.json != nil {
		return append(dst, e.json...)
	}
	dst = e.appendAttributes(dst)
	dst = append(dst, `,"data":`...)
	if e.action != nil && e.action.rule.dataBy != nil {
		dst = e.appendComputed(dst, body)
	} else {
		dst = e.appendRequest(dst, body)
	}
	return append(dst, '}')
}

// appendAttributes appends the opening brace and all attributes.
func (e *Event) appendAttributes(dst []byte) []byte {
	if e.kind == nil { // an event that no table made
		dst = append(dst, envelopeHead(e.Source, nil, template{parts: []templatePart{{text: e.Type.Name, param: -1}}})...)
	} else {
		dst = append(dst, e.kind.head...)
		if _, fixed := e.kind.name.fixed(); !fixed {
			dst = strictjson.AppendQuote(dst, e.Type.Name)
		}
	}
	dst = append(dst, `,"id":`...)
	dst = strictjson.AppendQuote(dst, e.ID)
	dst = append(dst, `,"time":"`...)
	dst = appendTime(dst, e.Time, e.action != nil && e.action.rule.wholeSeconds)
	dst = append(dst, '"')
	if e.Subject != "" {
		dst = append(dst, `,"subject":`...)
		dst = strictjson.AppendQuote(dst, e.Subject)
	}
	if e.Request != nil && e.Request.Trace != "" {
		dst = append(dst, `,"traceparent":`...)
		dst = strictjson.AppendQuote(dst, e.Request.Trace)
	}
	return dst
}

// appendTime appends a time in UTC, with milliseconds or without; years beyond four digits, which RFC 3339 cannot tell, become the last one it can.
func appendTime(dst []byte, t time.Time, wholeSeconds bool) []byte {
	t = t.UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		t = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
	}
	if wholeSeconds {
		return t.AppendFormat(dst, time.RFC3339)
	}
	return t.AppendFormat(dst, timeLayout)
}

// appendRequest appends the document that describes the request.
func (e *Event) appendRequest(dst, body []byte) []byte {
	req := e.Request
	dst = append(dst, `{"method":`...)
	dst = strictjson.AppendQuote(dst, e.method())
	dst = append(dst, `,"path":`...)
	dst = strictjson.AppendQuote(dst, req.Path)
	dst = append(dst, `,"queryParams":`...)
	dst = appendQuery(dst, req.Query)
	dst = append(dst, `,"headers":`...)
	dst = appendHeaders(dst, e.allowedHeaders(), req.Header)
	dst = append(dst, `,"body":`...)
	if len(body) > 0 {
		dst = append(dst, body...)
		return append(dst, '}')
	}
	dst = append(dst, "null"...)
	if len(req.Opaque) > 0 {
		dst = append(dst, `,"bodyBase64":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, req.Opaque)
		dst = append(dst, '"')
	}
	return append(dst, '}')
}

// method is the method under which the request was matched: a register that ignores case sees the same one.
func (e *Event) method() string {
	if e.match.leaf != nil {
		return e.match.leaf.method
	}
	return e.Request.Method
}

// allowedHeaders is the allow-list of the event's table.
func (e *Event) allowedHeaders() []header {
	if e.match.table != nil {
		return e.match.table.headers
	}
	return nil
}
