package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/voorpoort/voorpoort/delivery"
)

// record is one write that the shared store was not told of: messages to
// append, and the hold of its own that they settle, if it has one.
type record struct {
	Why      string             `json:"why,omitempty"` // it was put aside
	Hold     string             `json:"hold,omitempty"`
	Messages []delivery.Message `json:"messages,omitempty"`
	Sizes    []int              `json:"sizes,omitempty"` // of the messages' events, which follow the JSON
}

var errRecord = errors.New("spool: this is not a record")

// encode writes a record: a line of JSON, then the events byte for byte.
func (r record) encode() ([]byte, error) {
	head := record{Why: r.Why, Hold: r.Hold, Messages: make([]delivery.Message, len(r.Messages))}
	for i, m := range r.Messages {
		head.Sizes = append(head.Sizes, len(m.Event))
		m.Event = nil
		head.Messages[i] = m
	}
	out, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("spool: writing a record: %w", err)
	}
	out = append(out, '\n')
	for _, m := range r.Messages {
		out = append(out, m.Event...)
	}
	return out, nil
}

// decode reads what encode wrote. The record shares the bytes.
func decode(data []byte) (record, error) {
	line, rest, found := bytes.Cut(data, []byte{'\n'})
	var r record
	if !found {
		return record{}, errRecord
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return record{}, fmt.Errorf("%w: %w", errRecord, err)
	}
	if len(r.Sizes) != len(r.Messages) {
		return record{}, errRecord
	}
	for i, size := range r.Sizes {
		if size < 0 || size > len(rest) {
			return record{}, fmt.Errorf("%w: it is cut off", errRecord)
		}
		r.Messages[i].Event, rest = rest[:size:size], rest[size:]
	}
	r.Sizes = nil
	return r, nil
}
