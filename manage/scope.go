package manage

import (
	"fmt"
	"strings"
)

// Scopes are what somebody may do: a set. None of them contains another.
type Scopes uint8

// The scopes.
const (
	Read        Scopes = 1 << iota // look at everything but bodies
	Write                          // make, change, remove and test webhooks
	Replay                         // send again, discard, settle and resume
	ReadPayload                    // see the bodies of events, calls and answers
)

var scopeNames = []string{"read", "write", "replay", "read:payload"}

// ParseScopes reads names with commas between them.
func ParseScopes(text string) (Scopes, error) {
	var s Scopes
	for name := range strings.SplitSeq(text, ",") {
		one := scopeOf(strings.TrimSpace(name))
		if one == 0 {
			return 0, fmt.Errorf("scope %q is unknown; there are %s", name, strings.Join(scopeNames, ", "))
		}
		s |= one
	}
	return s, nil
}

func scopeOf(name string) Scopes {
	for i, known := range scopeNames {
		if name == known {
			return 1 << i
		}
	}
	return 0
}

// Has tells whether all of others are among the scopes.
func (s Scopes) Has(others Scopes) bool { return s&others == others }

// String names the scopes, with commas between them.
func (s Scopes) String() string {
	var names []string
	for i, name := range scopeNames {
		if s.Has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}
