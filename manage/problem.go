package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// mediaProblem is what refusals are written in (RFC 9457 section 3).
const mediaProblem = "application/problem+json"

// Problem is a refusal as the client gets it (RFC 9457), with OpenRegister's
// member error beside it.
type Problem struct { //nolint:errname // RFC 9457 calls it a problem
	Type   string         `json:"type"` // always about:blank: status and title say all
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Errors []ProblemFault `json:"errors,omitempty"`

	// Text is OpenRegister's text for the same thing; the detail if it has none.
	Text string `json:"error"`

	// Members are further members, such as those of a failed retry.
	Members map[string]any `json:"-"`

	header http.Header
}

// ProblemFault is one thing that is wrong with a request.
type ProblemFault struct {
	Pointer string `json:"pointer,omitempty"` // into the body, as a URI fragment: "#/url"
	// Parameter is the name of a parameter of the query.
	Parameter string `json:"parameter,omitempty"`
	Detail    string `json:"detail"`
}

// Error gives the detail.
func (p *Problem) Error() string { return p.Detail }

// refuse makes a problem with the text that OpenRegister's clients know.
func refuse(status int, text string) *Problem {
	return &Problem{Status: status, Detail: text, Text: text}
}

// refusef makes a problem.
func refusef(status int, format string, args ...any) *Problem {
	return refuse(status, fmt.Sprintf(format, args...))
}

// with sets a header of the answer.
func (p *Problem) with(name, value string) *Problem {
	if p.header == nil {
		p.header = make(http.Header)
	}
	p.header.Set(name, value)
	return p
}

// badParameter is the problem of one parameter of the query or the path.
func badParameter(name, detail string) *Problem {
	return badParameters([]ProblemFault{{Parameter: name, Detail: detail}})
}

func badParameters(faults []ProblemFault) *Problem {
	p := refusef(http.StatusBadRequest, "%s %s", faults[0].Parameter, faults[0].Detail)
	p.Errors = faults
	return p
}

// badMember is the problem of one member of the body; pointer as in RFC 6901.
func badMember(pointer, detail string) *Problem {
	return badWebhook(&webhook.ValidationError{Fields: []webhook.FieldError{{Pointer: pointer, Detail: detail}}})
}

// badWebhook names all faults of a webhook, or of any other body.
func badWebhook(v *webhook.ValidationError) *Problem {
	texts := make([]string, len(v.Fields))
	p := &Problem{Status: http.StatusBadRequest}
	for i, field := range v.Fields {
		texts[i] = strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(field.Pointer, "/"), "/", ".") + " " + field.Detail)
		p.Errors = append(p.Errors, ProblemFault{Pointer: "#" + field.Pointer, Detail: field.Detail})
	}
	p.Detail = strings.Join(texts, "; ")
	p.Text = p.Detail
	return p
}

// problemOf gives what the client is told of an error. Of those it could do
// nothing about it gets no detail, and told is false.
func problemOf(err error) (p *Problem, told bool) {
	var invalid *webhook.ValidationError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p, true
	case errors.As(err, &invalid):
		return badWebhook(invalid), true
	case errors.As(err, &large):
		return refusef(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", large.Limit), true
	case errors.Is(err, catalogue.ErrFixed):
		return refuse(http.StatusForbidden, "the webhook is from the configuration of the gateway, and can only be changed there"), true
	case errors.Is(err, catalogue.ErrFull):
		return refuse(http.StatusConflict, catalogue.ErrFull.Error()), true
	case errors.Is(err, catalogue.ErrUnreadable):
		return refuse(http.StatusConflict, "the stored webhook cannot be read here; remove it and make it anew"), true
	case errors.Is(err, catalogue.ErrChanged):
		return refuse(http.StatusPreconditionFailed, "the webhook was changed meanwhile; get it again"), true
	case errors.Is(err, catalogue.ErrNameTaken):
		taken := badMember("/name", "or uuid is taken by another webhook")
		taken.Status = http.StatusConflict
		return taken, true
	case errors.Is(err, delivery.ErrNotFound), errors.Is(err, delivery.ErrNoHold):
		return refuse(http.StatusNotFound, "there is no such thing, or not any more"), true
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return refuse(http.StatusServiceUnavailable, "it took too long"), false
	}
	return refuse(http.StatusInternalServerError, "something went wrong in the gateway; its log says more"), false
}

// document writes the problem with all its members.
func (p *Problem) document() []byte {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	if p.Text == "" {
		p.Text = p.Detail
	}
	own, _ := marshal(p)
	if len(p.Members) == 0 {
		return own
	}
	more, err := marshal(maps.Clone(p.Members))
	if err != nil {
		return own
	}
	return append(append(bytes.TrimSuffix(own, []byte("}")), ','), more[1:]...)
}

// fail answers with a problem.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, told := problemOf(err)
	if !told && h.config.Away != nil && h.config.Away(err) {
		p = unavailable("the store cannot be reached at the moment; try again later")
	}
	if !told && h.config.Report != nil && r.Context().Err() == nil {
		h.config.Report(err)
	}
	maps.Copy(w.Header(), p.header)
	write(w, p.Status, mediaProblem, p.document())
}

// marshal writes JSON without HTML's escapes: answers are never HTML.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("writing an answer: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
