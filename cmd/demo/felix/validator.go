// Package felix is the sample validator of the pet store: what somebody might
// build in a workflow tool because a JSON schema cannot say it.
//
// Rule 1: no cat is named Felix in December. Rule 2: no more than five cats are
// named Felix. A cat that may be stored is marked "@self.validated".
package felix

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// MaxFelixes is how many cats named Felix the store takes.
const MaxFelixes = 5

// maxEvent is the longest event the validator reads, in bytes.
const maxEvent = 64 << 20

// Validator answers interceptor calls. It is an http.Handler and safe for
// concurrent use.
//
// Answers: 200 with {"data": {"@self": {"validated": true, ...}}} lets the write
// pass and enriches it; 422 with {"message": ...} blocks it; 400 says that the
// call was no CloudEvent; 503 says that the register could not be asked.
type Validator struct {
	register *census
	now      func() time.Time
}

// New makes a validator that counts the cats in the register at the base URL. A
// nil clock means time.Now.
func New(registerURL string, now func() time.Time) *Validator {
	if now == nil {
		now = time.Now
	}
	return &Validator{register: newCensus(registerURL), now: now}
}

// ServeHTTP answers one interceptor call.
func (v *Validator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		writeMessage(w, http.StatusMethodNotAllowed, "Send a CloudEvent by POST.")
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
	if err != nil {
		writeMessage(w, http.StatusBadRequest, "The event could not be read to its end.")
		return
	}
	e, err := parseEvent(raw)
	if err != nil {
		writeMessage(w, http.StatusBadRequest, err.Error())
		return
	}
	objection, err := v.judge(r, e)
	switch {
	case err != nil:
		writeMessage(w, http.StatusServiceUnavailable, "The register cannot be asked how many cats are named Felix.")
	case objection != "":
		writeMessage(w, http.StatusUnprocessableEntity, objection)
	default:
		writeJSON(w, http.StatusOK, v.approval())
	}
}

// judge returns why the cat cannot be stored, or nothing.
func (v *Validator) judge(r *http.Request, e event) (objection string, err error) {
	if e.catName() != "Felix" {
		return "", nil
	}
	if v.now().Month() == time.December {
		return "No cat can be named Felix in December.", nil
	}
	collection, id, ok := e.target()
	if !ok {
		return "", errNotAnEvent
	}
	count, err := v.register.count(r.Context(), collection, "Felix", id)
	if err != nil {
		return "", err
	}
	if count >= MaxFelixes {
		return "There are already five cats named Felix in the store.", nil
	}
	return "", nil
}

func (v *Validator) approval() any {
	return map[string]any{"data": map[string]any{"@self": map[string]any{
		"validated":   true,
		"validatedBy": "felix-validator",
		"validatedAt": v.now().UTC().Format(time.RFC3339),
	}}}
}

func writeMessage(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"message": message})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	raw, err := json.Marshal(value)
	if err != nil { // a value of ours always encodes
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // a caller that went away needs no answer
}
