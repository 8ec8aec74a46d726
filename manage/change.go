package manage

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

// shownOnly are members of a webhook's document that are not its definition. A
// client that sends back what it got sends them too: they are passed over. So
// are names that begin with an underscore, which Nextcloud's clients add.
var shownOnly = []string{
	"id", "organisation", "lastTriggeredAt", "lastSuccessAt", "lastFailureAt", "totalDeliveries", "successfulDeliveries",
	"failedDeliveries", "created", "updated", "readOnly", "state", "stateUntil", "fault", "pending", "retrying",
	"deadLetters", "skipped",
}

// definitionOf reads the body that makes a webhook.
func definitionOf(body []byte) (webhook.Webhook, error) {
	given := membersOf(body)
	if empty(given["name"]) || empty(given["url"]) && !isText(given["style"], string(webhook.StylePull)) {
		return webhook.Webhook{}, incomplete(given)
	}
	return changed(webhook.Webhook{}, body)
}

// incomplete is OpenRegister's refusal of a webhook without name or URL.
func incomplete(given map[string]json.RawMessage) error {
	var missing []webhook.FieldError
	for _, name := range []string{"name", "url"} {
		if empty(given[name]) {
			missing = append(missing, webhook.FieldError{Pointer: "/" + name, Detail: "is required"})
		}
	}
	p := badWebhook(&webhook.ValidationError{Fields: missing})
	p.Text = "Name and URL are required"
	return p
}

// changed gives a webhook with what a body says put in. Members that are not in
// the body stay as they are, and so does whatever comes back as it was shown:
// "***", a URL without its query, a default that nobody had written. A null
// takes a member away.
func changed(before webhook.Webhook, body []byte) (webhook.Webhook, error) {
	var shown webhookDocument
	if err := shown.define(&before); err != nil {
		return before, err
	}
	document, err := marshal(shown)
	if err != nil {
		return before, err
	}
	c := change{shown: membersOf(document), stored: membersOf(before.Plain()), existing: before.UUID != ""}
	for token, value := range strictjson.Members(body) {
		name, _ := strictjson.Unquote(token)
		c.put(name, value)
	}
	if len(c.faults) > 0 {
		return before, &webhook.ValidationError{Webhook: before.Name, Fields: c.faults}
	}
	after, err := marshal(c.stored)
	if err != nil {
		return before, err
	}
	w, err := webhook.Parse(after)
	if err != nil {
		return before, err //nolint:wrapcheck // a *webhook.ValidationError, to be told as it is
	}
	if faults := stolen(&before, &w, func(pointer string) bool { return givenAt(body, pointer) }); len(faults) > 0 {
		return before, &webhook.ValidationError{Webhook: before.Name, Fields: faults}
	}
	return w, nil
}

// givenAt tells whether a document has a value at a pointer, which is not what
// stands for the one that is stored.
func givenAt(document []byte, pointer string) bool {
	value := document
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		found, ok := strictjson.Get(value, pointerUnescaper.Replace(step))
		if !ok {
			return false
		}
		value = found
	}
	return !isText(value, masked)
}

// change is a webhook that is being changed.
type change struct {
	shown    map[string]json.RawMessage // as clients see it
	stored   map[string]json.RawMessage // as it is
	existing bool
	faults   []webhook.FieldError
}

func (c *change) fault(pointer, detail string) {
	c.faults = append(c.faults, webhook.FieldError{Pointer: pointer, Detail: detail})
}

// put changes one member.
func (c *change) put(name string, value []byte) {
	isNull := strictjson.KindOf(value) == strictjson.Null
	switch {
	case slices.Contains(shownOnly, name) || strings.HasPrefix(name, "_"):
	case name == "mapping":
		if !isNull {
			c.fault("/mapping", "must be null: mappings of OpenRegister are not known here")
		}
	case name == "uuid" && c.existing:
		if shown, _ := strictjson.Unquote(c.shown["uuid"]); !isNull && !isText(value, shown) {
			c.fault("/uuid", "cannot be changed: it is the name of the webhook's queue")
		}
	case isNull:
		delete(c.stored, name)
	case c.existing && c.unchanged(name, value):
	case name == "secret":
		c.stored[name] = c.secrets(value)
	default:
		c.stored[name] = c.unmask(value, c.shown[name], c.stored[name], pointerTo(name))
	}
}

// unchanged tells whether a member came back as it was shown.
func (c *change) unchanged(name string, value []byte) bool {
	shown, known := c.shown[name]
	return known && strictjson.Equal(shown, value)
}

// unmask gives a value in which whatever is as it was shown is as it is stored.
// What is "***" then has nothing that it could stand for.
func (c *change) unmask(value, shown, stored []byte, pointer string) []byte {
	switch {
	case len(stored) > 0 && len(shown) > 0 && strictjson.Equal(value, shown):
		return stored
	case strictjson.KindOf(value) == strictjson.Object:
		return c.unmaskMembers(value, shown, stored, pointer)
	case isText(value, masked) && hidesSecret(pointer):
		c.fault(pointer, `is "***", which stands for what is stored; nothing is`)
	}
	return value
}

func (c *change) unmaskMembers(value, shown, stored []byte, pointer string) []byte {
	out := []byte{'{'}
	for token, member := range strictjson.Members(value) {
		name, _ := strictjson.Unquote(token)
		before, _ := strictjson.Get(shown, name)
		kept, _ := strictjson.Get(stored, name)
		out = append(append(comma(out), token...), ':')
		out = append(out, c.unmask(member, before, kept, pointer+pointerTo(name))...)
	}
	return append(out, '}')
}

// secrets reads the member secret: "***" is all that are stored, and in a list
// the first "***" is the first of them, and so on: ["new", "***"] keeps the old
// one beside a new one.
func (c *change) secrets(value []byte) []byte {
	stored := listOf(c.stored["secret"])
	if strictjson.KindOf(value) != strictjson.Array {
		if isText(value, masked) {
			c.fault("/secret", `is "***", which stands for what is stored; nothing is`)
		}
		return value
	}
	out := []byte{'['}
	for element := range strictjson.Elements(value) {
		if isText(element, masked) {
			if len(stored) == 0 {
				c.fault("/secret", `has more "***" than there are secrets stored`)
				return value
			}
			element, stored = stored[0], stored[1:]
		}
		out = append(comma(out), element...)
	}
	return append(out, ']')
}

// listOf gives the elements of a list, or the one value that is none.
func listOf(value []byte) (list [][]byte) {
	if strictjson.KindOf(value) != strictjson.Array {
		if len(value) > 0 {
			list = append(list, value)
		}
		return list
	}
	for element := range strictjson.Elements(value) {
		list = append(list, element)
	}
	return list
}

// hidesSecret tells whether what is at a pointer is shown as "***".
func hidesSecret(pointer string) bool {
	switch pointer {
	case "/tls/clientKey", "/oauth2/clientSecret", "/zgwJwt/secret":
		return true
	}
	return strings.HasPrefix(pointer, "/headers/")
}

// empty tells whether a member is missing, or as good as that.
func empty(value []byte) bool {
	return len(value) == 0 || strictjson.KindOf(value) == strictjson.Null || isText(value, "") || string(value) == "[]"
}

// isText tells whether a value is this text.
func isText(value []byte, text string) bool {
	return strictjson.KindOf(value) == strictjson.String && strictjson.NameIs(value, text)
}
