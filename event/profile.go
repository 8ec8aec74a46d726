package event

import (
	"fmt"
	"strings"
)

// Profile says what happens to events that do not keep to the NL GOV profile for CloudEvents 1.1.
type Profile uint8

// The settings of the profile.
const (
	ProfileOff    Profile = iota // nothing
	ProfileWarn                  // the caller is told
	ProfileStrict                // the event is not built
)

// ParseProfile reads "off", "warn" or "strict".
func ParseProfile(text string) (Profile, error) {
	for p := ProfileOff; p <= ProfileStrict; p++ {
		if text == p.String() {
			return p, nil
		}
	}
	return ProfileOff, fmt.Errorf("%q is not a setting of the profile; the settings are off, warn and strict", text)
}

// String gives "off", "warn" or "strict".
func (p Profile) String() string {
	return [...]string{"off", "warn", "strict"}[min(p, ProfileStrict)]
}

// ownEvents checks what the gateway makes: its ids are random.
var ownEvents = checker{randomIDs: true}

// judge checks an event that has been made.
func (p Profile) judge(e *Event, ex *Exchange) error {
	if p == ProfileOff {
		return nil
	}
	findings := ownEvents.check(e.json)
	if p == ProfileStrict {
		if wrong := violations(findings); len(wrong) > 0 {
			return &ProfileError{Findings: wrong}
		}
	}
	if len(findings) > 0 {
		ex.warn(Warning{Rule: e.Rule(), Type: e.Type, Reason: "profile", Findings: findings})
	}
	return nil
}

// violations are the findings that the strict profile does not accept.
func violations(findings []Finding) []Finding {
	var out []Finding
	for _, f := range findings {
		if f.Strict || f.Severity == SeverityError {
			out = append(out, f)
		}
	}
	return out
}

// ProfileError says that an event does not keep to the profile.
type ProfileError struct {
	Findings []Finding
}

// Error lists codes and messages; no values.
func (e *ProfileError) Error() string {
	var b strings.Builder
	b.WriteString("the event does not keep to the NL GOV profile")
	for i, f := range e.Findings {
		b.WriteString([...]string{": ", "; "}[min(i, 1)])
		b.WriteString(f.String())
	}
	return b.String()
}
