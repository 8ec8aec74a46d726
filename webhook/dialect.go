package webhook

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/strictjson"
)

// Limits of eventFilters, which whoever may write a webhook chooses and every
// event pays for.
const (
	maxDialectDepth = 10      // filters in filters
	maxDialectNodes = 100     // filters of one webhook, with those in others
	maxDialectText  = 1 << 10 // bytes of a value
)

// attributeFilter is a compiled filter of the CloudEvents Subscriptions API
// (draft): it looks at attributes of an event, never at its data.
type attributeFilter interface {
	holds(e *event.Event) bool
}

// comparison holds when every attribute compares with its value; an attribute
// that is not there never does.
type comparison struct {
	compare    func(text, value string) bool
	attributes []attributeValue
}

type attributeValue struct{ name, value string }

func (c *comparison) holds(e *event.Event) bool {
	for _, a := range c.attributes {
		if text, ok := e.Attribute(a.name); !ok || !c.compare(text, a.value) {
			return false
		}
	}
	return true
}

// junction joins filters: all hold, or any.
type junction struct {
	any     bool
	filters []attributeFilter
}

func (j *junction) holds(e *event.Event) bool {
	for _, f := range j.filters {
		if f.holds(e) == j.any {
			return j.any
		}
	}
	return !j.any
}

// negation holds when its filter does not, so also when an attribute is not
// there.
type negation struct{ filter attributeFilter }

func (n negation) holds(e *event.Event) bool { return !n.filter.holds(e) }

var comparisons = map[string]func(text, value string) bool{
	"exact":  func(text, value string) bool { return text == value },
	"prefix": strings.HasPrefix,
	"suffix": strings.HasSuffix,
}

// dialects reads filters and collects what is wrong with them.
type dialects struct {
	faults *faults
	nodes  int
}

// compileDialects compiles eventFilters and source; all must hold.
func compileDialects(w *Webhook, f *faults) []attributeFilter {
	var compiled []attributeFilter
	if w.Source != "" {
		if !isReference(w.Source) {
			f.add("/source", "must be a URI reference (RFC 3986 section 4.1) of at most %d bytes, such as /apps/openregister", maxAttribute)
		}
		compiled = append(compiled, &comparison{comparisons["exact"], []attributeValue{{"source", w.Source}}})
	}
	d := &dialects{faults: f}
	for i, raw := range w.EventFilters {
		compiled = append(compiled, d.filter(raw, element("/eventFilters", i), 1))
	}
	return compiled
}

// filter reads {"<dialect>": ...}. The result of a faulty one is of no use.
func (d *dialects) filter(raw []byte, pointer string, depth int) attributeFilter {
	if d.nodes++; d.nodes > maxDialectNodes || depth > maxDialectDepth {
		if d.nodes == maxDialectNodes+1 || depth > maxDialectDepth {
			d.faults.add(pointer, "is too much: at most %d filters, %d deep", maxDialectNodes, maxDialectDepth)
		}
		return nil
	}
	name, value, ok := onlyMember(raw)
	if !ok {
		d.faults.add(pointer, `must be an object with one member that names the dialect, such as {"exact": {"type": "object.created"}}`)
		return nil
	}
	at := child(pointer, name)
	switch name {
	case "exact", "prefix", "suffix":
		return &comparison{comparisons[name], d.values(value, at)}
	case "all", "any":
		return &junction{name == "any", d.list(value, at, depth)}
	case "not":
		return negation{d.filter(value, at, depth+1)}
	}
	d.faults.add(at, "is no dialect that this gateway knows; it knows exact, prefix, suffix, all, any and not")
	return nil
}

// onlyMember gives the one member of an object that has no other.
func onlyMember(raw []byte) (name string, value []byte, ok bool) {
	if strictjson.Check(raw, 4*maxDialectDepth) != nil || strictjson.KindOf(raw) != strictjson.Object {
		return "", nil, false
	}
	count := 0
	for token, v := range strictjson.Members(raw) {
		name, _ = strictjson.Unquote(token)
		value = v
		count++
	}
	return name, value, count == 1
}

func (d *dialects) list(raw []byte, pointer string, depth int) []attributeFilter {
	var filters []attributeFilter
	if strictjson.KindOf(raw) == strictjson.Array {
		for item := range strictjson.Elements(raw) {
			filters = append(filters, d.filter(item, element(pointer, len(filters)), depth+1))
		}
	}
	if len(filters) == 0 {
		d.faults.add(pointer, "must be a list of one filter or more")
	}
	return filters
}

// values reads attributes and what they are compared with.
func (d *dialects) values(raw []byte, pointer string) []attributeValue {
	var values []attributeValue
	if strictjson.KindOf(raw) == strictjson.Object {
		for token, item := range strictjson.Members(raw) {
			name, _ := strictjson.Unquote(token)
			text, isText := strictjson.Unquote(item)
			switch {
			case !isAttributeName(name):
				d.faults.add(child(pointer, name), "is no name of an attribute: lower-case letters and digits only; for the data there is filters")
			case !isText || text == "" || len(text) > maxDialectText:
				d.faults.add(child(pointer, name), "must be a text of 1 to %d bytes", maxDialectText)
			}
			values = append(values, attributeValue{name, text})
		}
	}
	if len(values) == 0 {
		d.faults.add(pointer, `must be an object of attributes and texts, such as {"type": "object.created"}`)
	}
	return values
}

// isAttributeName tells whether CloudEvents allows a name for an attribute.
func isAttributeName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// eventFilters reads a list of filters, whose contents are for Compile to
// check.
func (r *reader) eventFilters(raw []byte, pointer string) (list []json.RawMessage) {
	if r.is(raw, pointer, strictjson.Array, "a list of filters") {
		for item := range strictjson.Elements(raw) {
			list = append(list, bytes.Clone(item))
		}
	}
	return list
}

// eventFilters writes the member of that name.
func (d *writer) eventFilters(filters []json.RawMessage) {
	if len(filters) > 0 {
		list := append([]byte{'['}, bytes.Join(rawBytes(filters), []byte{','})...)
		d.member("eventFilters", append(list, ']'))
	}
}

func rawBytes(list []json.RawMessage) [][]byte {
	raw := make([][]byte, len(list))
	for i := range list {
		raw[i] = list[i]
	}
	return raw
}

// compileStyle takes over how the subscriber gets its events.
func (h *Hook) compileStyle(w *Webhook, f *faults) {
	h.Pull = oneOf(orPush(w.Style), styles, "/style", f) == StylePull
	if !h.Pull {
		return
	}
	if h.Intercepts {
		f.add("/style", "pull cannot go with interceptRequests: an answer that is fetched comes too late")
	}
	if w.URL.Reveal() != "" {
		f.add("/url", "must be empty with style pull: nobody is called")
	}
}

func orPush(s Style) Style {
	if s == "" {
		return StylePush
	}
	return s
}

// Style is how a subscriber gets its events, in the words of OpenConnector.
type Style string

// The styles.
const (
	StylePush Style = "push" // default: they are sent to url
	StylePull Style = "pull" // it fetches them through the management API
)

var styles = []Style{StylePush, StylePull}

// holdAll tells whether all filters on attributes let an event through.
func holdAll(filters []attributeFilter, e *event.Event) bool {
	for _, f := range filters {
		if !f.holds(e) {
			return false
		}
	}
	return true
}
