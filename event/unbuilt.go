package event

import (
	"errors"
	"fmt"
)

// ErrTooLarge says that an after-event is larger than [Exchange.MaxEvent].
var ErrTooLarge = errors.New("the event is larger than the limit")

// ErrTooMany says that an exchange has more than 256 events; a single request must not fill the store.
var ErrTooMany = errors.New("the request has more than 256 events")

// Unbuilt is an event that happened but cannot be told: material for a dead letter.
type Unbuilt struct {
	// Event has ID, Time, Type, Source, and Subject and Key if they are known. Its JSON is a CloudEvent whose data names the
	// thing but does not hold it, because the rule that says what may be told has failed.
	Event *Event

	// Err is an [*EvaluationError], a [*LookupError], a [*ProfileError], [ErrTooLarge] or [ErrTooMany].
	Err error
}

// appendOrNull appends a JSON value, null when there is none.
func appendOrNull(dst, value []byte) []byte {
	if len(value) == 0 {
		return append(dst, "null"...)
	}
	return append(dst, value...)
}

// AfterError says that some events of an exchange could not be built. The others were.
type AfterError struct {
	Unbuilt []*Unbuilt
}

// Error names the first event and its reason.
func (e *AfterError) Error() string {
	first := e.Unbuilt[0]
	if len(e.Unbuilt) == 1 {
		return fmt.Sprintf("building event %s: %v", first.Event.Type.Name, first.Err)
	}
	return fmt.Sprintf("building event %s and %d more: %v", first.Event.Type.Name, len(e.Unbuilt)-1, first.Err)
}

// Unwrap gives the reasons, for [errors.Is] and [errors.As].
func (e *AfterError) Unwrap() []error {
	reasons := make([]error, len(e.Unbuilt))
	for i, u := range e.Unbuilt {
		reasons[i] = u.Err
	}
	return reasons
}
