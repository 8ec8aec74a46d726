package event

import "fmt"

// Severity is how much a finding matters.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // a MUST of the profile or of CloudEvents
	SeverityWarning Severity = "warning" // a SHOULD
	SeverityHint    Severity = "hint"
)

// Finding is a place where an event does not keep to the NL GOV profile.
type Finding struct {
	Code      string   `json:"code"`                // such as "NLV-21"
	Attribute string   `json:"attribute,omitempty"` // empty when the whole event is meant
	Severity  Severity `json:"severity"`
	Strict    bool     `json:"strict,omitempty"` // a warning that the strict profile takes for an error
	Message   string   `json:"message"`
}

// String gives code, attribute and message.
func (f Finding) String() string {
	if f.Attribute == "" {
		return fmt.Sprintf("%s: %s", f.Code, f.Message)
	}
	return fmt.Sprintf("%s %s: %s", f.Code, f.Attribute, f.Message)
}
