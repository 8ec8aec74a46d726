package request

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDropPathOverride(t *testing.T) {
	t.Parallel()
	const known = "/api/objects/1/2"
	cases := []struct {
		name, target, field, value string
		dropped                    bool
	}{
		{"from a public path to a known one", "/public", "X-Original-Url", known, true},
		{"with a query", "/public", "X-Rewrite-Url", known + "?a=b", true},
		{"with a host", "/public", "X-Original-Url", "http://register.example" + known, true},
		{"in disguise", "/public", "X-Original-Url", "/x/../api//objects/1/2", true},
		{"without a slash", "/public", "X-Original-Url", "api/objects/1/2", true},
		{"unreadable", "/public", "X-Original-Url", "%zz", true},
		{"from a known path to another", known, "X-Original-Url", "/public", true},
		{"to the same path", known, "X-Original-Url", known + "?a=b", false},
		{"between public paths", "/public", "X-Original-Url", "/front/public", false},
		{"another field", "/public", "X-Forwarded-Uri", known, false},
	}
	for _, c := range cases {
		r := headRequest("POST", "", c.field, c.value)
		r.URL = parseTarget(t, c.target)
		DropPathOverride(r, Relax{}, testRules)
		if c.dropped {
			require.Empty(t, r.Header, c.name)
			continue
		}
		require.Equal(t, []string{c.value}, r.Header[c.field], c.name)
	}
	r := headRequest("POST", "", "X-Original-Url", "/front", "X-Original-Url", known)
	r.URL = parseTarget(t, "/public")
	DropPathOverride(r, Relax{}, testRules)
	require.Empty(t, r.Header, "the second of two")
}
