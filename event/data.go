package event

import (
	"bytes"
	"hash/maphash"
)

// bodySeed makes fingerprints of bodies unpredictable for clients.
var bodySeed = maphash.MakeSeed()

// fingerprint tells two bodies apart. The address of a slice would not do: buffers are pooled and come back with other bytes.
func fingerprint(body []byte) uint64 {
	return maphash.Bytes(bodySeed, body)
}

// computedData is the result of a data_expression for one body.
type computedData struct {
	body uint64
	json []byte
}

// Rebase evaluates the rule's data_expression, if it has one, on a body that a webhook has changed, so that
// [Event.AppendJSON] can tell the result. The error is an [*EvaluationError].
func (e *Event) Rebase(body []byte) error {
	if e.action == nil || e.action.rule.dataBy == nil {
		return nil
	}
	data, err := e.action.rule.dataBy.evalJSON(e, body)
	if err != nil {
		return &EvaluationError{Rule: e.action.rule.name, Field: "data_expression", Err: err}
	}
	e.data.Store(&computedData{body: fingerprint(body), json: data})
	return nil
}

// appendComputed appends the result of the data_expression.
func (e *Event) appendComputed(dst, body []byte) []byte {
	data := e.data.Load()
	if data == nil || data.body != fingerprint(body) {
		if e.Rebase(body) != nil {
			return append(dst, "null"...)
		}
		data = e.data.Load()
	}
	return append(dst, bytes.TrimSpace(data.json)...)
}
