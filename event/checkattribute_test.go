package event

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesOfTheProfile(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 1, 2, 3, 0, 0, 0, time.UTC)
	profile := &checker{now: func() time.Time { return now }}
	for text, want := range map[string]string{
		`"2025-01-02T03:00:00Z"`:           "",
		`"2025-01-02T03:00:00.123456789Z"`: "",
		`"2025-01-02T04:00:00+01:00"`:      "",
		`"2025-01-02T03:05:00Z"`:           "", // clocks may differ by five minutes
		`"2025-01-02T03:05:01Z"`:           "32",
		`"2025-01-02T03:00:00-00:00"`:      "31",
		`"2025-01-02t03:00:00Z"`:           "31",
		`"2025-01-02T03:00:00"`:            "30!",
		`"2025-01-02"`:                     "30!",
		`"2025-02-30T03:00:00Z"`:           "30!",
		`""`:                               "30!",
		`"gisteren"`:                       "30!",
		`null`:                             "",
	} {
		require.Equal(t, want, codes(profile.check([]byte(with("time="+text)))), text)
	}
}

// TestWhatMayBeACitizen: nine digits that pass the test are a warning of the strict kind, wherever they are told.
func TestWhatMayBeACitizen(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]string{
		`subject="999990342"`:                              "41^",
		`subject="bsn:999990342/zaak"`:                     "41^",
		`subject="a999990342b"`:                            "41^",
		`subject="9999903421"`:                             "", // ten digits
		`subject="99999 0342"`:                             "",
		`subject="999990343"`:                              "",
		`burger="999990342"`:                               "41^",
		`dataref="/personen/999990342"`:                    "41^",
		`id="999990342"`:                                   "41^",
		`traceparent="999990342"`:                          "",
		`burger=999990342`:                                 "41^",
		`burger=123456789`:                                 "",
		`subject="{00000000-0000-0000-0000-000999990342}"`: "",
	} {
		require.Equal(t, want, found(members), members)
	}
}

func TestTooManyExtensions(t *testing.T) {
	t.Parallel()
	require.Empty(t, found(`text="`+strings.Repeat("x", maxExtensionBytes-20)+`"`))
	require.Equal(t, "93", found(`text="`+strings.Repeat("x", maxExtensionBytes)+`"`))
	require.Equal(t, "93 41^", found(`a="999990342"; b=1; c=1; d=1; e=1; f=1; g=1; h=1; i=1; j=1; k=1`))
}

// TestNamesInFindingsAreFitForALog: names of attributes come from whoever made the event.
func TestNamesInFindingsAreFitForALog(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ab":                          "Ab",
		"a\nb":                        "a%0Ab",
		strings.Repeat("x", 100):      strings.Repeat("x", 64),
		strings.Repeat("x", 63) + "é": strings.Repeat("x", 63) + "\uFFFD",
	} {
		require.Equal(t, want, shown(name))
	}
}
