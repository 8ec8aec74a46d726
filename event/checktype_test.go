package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTypesOfTheProfile: reverse domain notation, lower case, one version, no organisation.
func TestTypesOfTheProfile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"nl.brp.persoon-verhuisd":            "",
		"nl.brp.persoon_verhuisd.v2":         "",
		"nl.brp.v1":                          "",
		"be.rijksregister.persoon.gewijzigd": "",
		"com.example.x":                      "",
		"amsterdam.zaken.zaak":               "",
		"nl.brp":                             "22", // a domain and no event
		"nl.brp.Persoon":                     "22",
		"NL.brp.persoon":                     "22",
		"nl.brp.persoon+verhuisd":            "22",
		"nl":                                 "21!",
		".nl.brp":                            "21!",
		"nl.brp.":                            "21!",
		"object.created":                     "21!",
		"example.nl.x":                       "21!",
		"nl.brp.v1.persoon.v1":               "23!",
		"nl.brp.persoon.v1.0":                "24",
		"nl.brp.persoon.v1.2.3":              "24",
		"nl.brp.persoon.v1.x":                "",
		"nl.maykin.x":                        "25",
		"nl.gemeente-utrecht.x":              "25",
		"nl.gemeente.x":                      "",
		"nl.vngr.x":                          "",
		"a b":                                "20!",
		`nl.\tx`:                             "20! 92!",
	} {
		require.Equal(t, want, found(`type="`+name+`"`), name)
	}
	require.Equal(t, "20! 92!", found(`type=[]`))
}
