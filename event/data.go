package event

import (
	"context"
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
	_, err := e.compute(body)
	return err
}

// compute evaluates the data_expression and keeps the result for this body.
func (e *Event) compute(body []byte) ([]byte, error) {
	mark := fingerprint(body)
	if known := e.data.Load(); known != nil && known.body == mark {
		return known.json, nil
	}
	r := e.action.rule
	data, err := r.dataBy.evalJSON(context.Background(), e, body)
	if err != nil {
		return nil, &EvaluationError{Rule: r.name, Field: "data_expression", Err: err}
	}
	e.data.Store(&computedData{body: mark, json: data})
	return data, nil
}

// appendComputed appends the result of the data_expression, null if it has none for this body.
func (e *Event) appendComputed(dst, body []byte) []byte {
	data, err := e.compute(body)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, data...)
}
