package event

import (
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// checker compares CloudEvents in structured JSON with the NL GOV profile for CloudEvents 1.1. The zero value checks all that an
// event shows by itself. What only a sequence of events shows, such as one id twice or several schemas for one type, is not
// checked.
type checker struct {
	// randomIDs says that ids are random: they should be UUIDs, and the schema must say so (profile, attribute id).
	randomIDs bool

	// now is for events from the future. Default: time.Now.
	now func() time.Time
}

// check gives everything that is wrong with an event, in order of the profile's attributes; nil for a good one. It does not keep
// parts of the event.
func (c *checker) check(raw []byte) []Finding {
	r := &review{checker: c, attributes: make(map[string][]byte)}
	if err := strictjson.Check(raw, strictjson.DefaultMaxDepth); err != nil {
		r.fail("NLV-95", "", "the event is not one JSON value without duplicate members")
		return r.findings
	}
	if strictjson.KindOf(raw) != strictjson.Object {
		r.fail("NLV-95", "", "the event is not a JSON object")
		return r.findings
	}
	r.read(raw)
	r.core()
	r.source()
	r.kind()
	r.time()
	r.content()
	r.sequence()
	r.extensions()
	r.people()
	if len(raw) > 64<<10 {
		r.shall("NLV-96", "", "the event is larger than 64 KiB")
	}
	return r.findings
}

// review is the check of one event.
type review struct {
	checker    *checker
	attributes map[string][]byte // as JSON; absent and null are the same
	order      []string
	hasData    bool
	hasBase64  bool
	findings   []Finding
}

// read takes the event apart.
func (r *review) read(raw []byte) {
	for token, value := range strictjson.Members(raw) {
		name, _ := strictjson.Unquote(token)
		switch name {
		case "data":
			r.hasData = true
		case "data_base64":
			r.hasBase64 = true
		default:
			if strictjson.KindOf(value) != strictjson.Null {
				r.attributes[name] = value
				r.order = append(r.order, name)
			}
		}
	}
}

// text is a string attribute; isText is false if there is none or it is no string.
func (r *review) text(name string) (text string, isText bool) {
	value, ok := r.attributes[name]
	if !ok || strictjson.KindOf(value) != strictjson.String {
		return "", false
	}
	return strictjson.Unquote(value)
}

// has reports whether an attribute is there, whatever it is.
func (r *review) has(name string) bool {
	_, ok := r.attributes[name]
	return ok
}

func (r *review) add(f Finding) { r.findings = append(r.findings, f) }

// fail notes what the profile or CloudEvents forbids.
func (r *review) fail(code, attribute, message string) {
	r.add(Finding{Code: code, Attribute: attribute, Severity: SeverityError, Message: message})
}

// shall notes what the profile advises and its strict form demands.
func (r *review) shall(code, attribute, message string) {
	r.add(Finding{Code: code, Attribute: attribute, Severity: SeverityWarning, Strict: true, Message: message})
}

// warn notes what the profile advises.
func (r *review) warn(code, attribute, message string) {
	r.add(Finding{Code: code, Attribute: attribute, Severity: SeverityWarning, Message: message})
}

// core checks specversion, id and what stands beside data.
func (r *review) core() {
	if version, _ := r.text("specversion"); version != "1.0" {
		r.fail("NLV-01", "specversion", `is not "1.0"`)
	}
	id, _ := r.text("id")
	if id == "" {
		r.fail("NLV-02", "id", "is missing, empty or not a string")
	}
	if r.checker.randomIDs {
		if id != "" && uuidPattern.FindString(id) != id {
			r.warn("NLV-03", "id", "is not a UUID, though it is random")
		}
		if !r.has("dataschema") {
			r.fail("NLV-04", "dataschema", "is missing, but must say that the id is random")
		}
	}
	if subject, isText := r.text("subject"); r.has("subject") && (!isText || strings.TrimSpace(subject) == "") {
		r.fail("NLV-40", "subject", "is empty or not a string")
	}
	if r.hasData && r.hasBase64 {
		r.fail("NLV-95", "data", "and data_base64 exclude each other")
	}
}

// time is the time with which events are compared.
func (c *checker) time() time.Time {
	if c.now == nil {
		return time.Now()
	}
	return c.now()
}
