package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// notice is what the auditor needs of a CloudEvent.
type notice struct {
	Event  string `json:"event"`  // its id
	Action action `json:"action"` // the last part of its type
	Number number `json:"n"`      // 0 for a removal: its object tells which write it was
	Object string `json:"id"`     // id of the object; "" when the register did not tell it

	Outcome   string `json:"outcome,omitempty"` // "unknown": the gateway says that it does not know
	Recovered bool   `json:"recovered,omitempty"`
	Damaged   string `json:"damaged,omitempty"` // what is wrong with the event, "" if it is whole
}

// doubted tells whether the gateway itself says that it does not know what
// became of the write.
func (n notice) doubted() bool { return n.Outcome == "unknown" }

var errNoNotice = errors.New("this is not an event about a write of the run")

// envelope is the outside of a CloudEvent of the openregister preset.
type envelope struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Outcome     string          `json:"outcome"`
	Recovered   any             `json:"recovered"` // a boolean, which some formats spell as text
	Data        json.RawMessage `json:"data"`
}

// readNotice reads a CloudEvent in structured JSON.
func readNotice(raw []byte) (notice, error) {
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return notice{}, fmt.Errorf("%w: %w", errNoNotice, err)
	}
	_, verb, dotted := strings.Cut(e.Type, ".")
	if e.SpecVersion != "1.0" || e.ID == "" || !dotted {
		return notice{}, fmt.Errorf("%w: specversion, id or type is missing", errNoNotice)
	}
	n := notice{
		Event: e.ID, Action: action(verb), Object: objectOf(e.Subject),
		Outcome: e.Outcome, Recovered: e.Recovered == true || e.Recovered == "true",
	}
	if n.Action == remove {
		return n, nil
	}
	written, ok := contentOf(e.Data)
	switch {
	case !ok:
		n.Damaged = nameless
	case !written.whole():
		n.Damaged = "the text is not the number's"
	}
	n.Number = written.Number
	return n, nil
}

// nameless is what is wrong with an event that does not say which write it is
// about.
const nameless = "it does not say which write it is about"

// objectOf takes the object's id from a subject such as
// object:torture/thing/o-1; "" when the subject names only the collection.
func objectOf(subject string) string {
	parts := strings.Split(subject, "/")
	if len(parts) != 3 {
		return ""
	}
	return parts[2]
}

// maxSearch is how deep an object may lie in the data of an event.
const maxSearch = 6

// contentOf finds what the client wrote in an event's data, wherever it is. The
// object before the write is passed over. Two different ones are as good as none.
func contentOf(data []byte) (content, bool) {
	var found []content
	collect(data, maxSearch, &found)
	for _, c := range found {
		if c != found[0] {
			return content{}, false
		}
	}
	if len(found) == 0 {
		return content{}, false
	}
	return found[0], true
}

func collect(raw []byte, depth int, found *[]content) {
	var c content
	if json.Unmarshal(raw, &c) == nil && c.Number != 0 {
		*found = append(*found, c)
	}
	var members map[string]json.RawMessage
	if depth == 0 || json.Unmarshal(raw, &members) != nil {
		return
	}
	for name, member := range members {
		if name != "before" {
			collect(member, depth-1, found)
		}
	}
}
