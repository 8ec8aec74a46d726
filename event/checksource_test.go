package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// found gives the codes that the profile's check has for the good event with other attributes.
func found(members string) string {
	return codes(new(checker).check([]byte(with(members))))
}

// TestSourcesOfOrganisations: which number is right for which register (NL GOV profile, attribute source).
func TestSourcesOfOrganisations(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"urn:nld:oin:00000001823288444000:systeem:x": "",
		"urn:nld:oin:00000010823288444000:systeem":   "",
		"urn:nld:oin:00000099823288444000:systeem":   "",
		"urn:nld:oin:00000003ABCDEFGHIJKL:systeem":   "",
		"urn:nld:oin:00000005823288444000:systeem":   "14", // a prefix that nobody has
		"urn:nld:oin:0000000182328844400:systeem":    "13^",
		"urn:nld:oin:000000018232884440000:systeem":  "13^",
		"urn:nld:oin:00000001abcdefghijkl:systeem":   "13^",
		"urn:nld:oin:0000000A823288444000:systeem":   "13^",
		"urn:nld:oin":                                  "12",
		"urn:nld:oin:00000001823288444000":             "12", // the organisation, but no system
		"urn:nld:oin.00000001823288444000.systeem":     "17",
		"urn:nld:kvknr:12345678:systeem":               "",
		"urn:nld:kvknr:1234567:systeem":                "15",
		"urn:nld:kvknr:1234567a:systeem":               "15",
		"urn:nld:kvknr:12345678":                       "12",
		"urn:nld:rsin:123456789":                       "12",
		"urn:nld:rsin:123456789:systeem":               "",
		"urn:nld:gemeente-utrecht:burgerzaken":         "",
		"urn:nld:gemeente-utrecht":                     "12",
		"urn:nld:":                                     "12",
		"Urn:Nld:gemeente-utrecht:burgerzaken":         "",
		"urn:nl:gemeente-utrecht:burgerzaken":          "11^",
		"urn:nld":                                      "11^",
		"/voorpoort":                                   "11^",
		"https://register.example.nl/zaken?a=b#c":      "11^",
		"urn:nld:oin:00000001823288444000:een systeem": "10!",
		"urn:nld:oin:00000001823288444000:{systeem}":   "10!",
		"urn:nld:oin:00000001823288444000:café":        "10!",
	} {
		require.Equal(t, want, found(`source="`+source+`"`), source)
	}
	for _, source := range []string{`5`, `""`, `{}`, `true`} {
		require.Contains(t, found(`source=`+source), "10!", source)
	}
}
