package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const flagField = "Voorpoort-Flag"

// The register believes the flag, so only the gate may say it.
func TestAForgedFlagNeverReachesTheRegister(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for name, fields := range map[string][]string{
		"as it is":           {flagField + `: "felix";reason=timeout`},
		"in lower case":      {"voorpoort-flag: x"},
		"in capitals":        {"VOORPOORT-FLAG: x"},
		"twice":              {flagField + ": x", flagField + ": y"},
		"empty":              {flagField + ":"},
		"with an underscore": {"Voorpoort_Flag: x"},
		"with a dot":         {"Voorpoort.Flag: x"},
		"kept by name":       {flagField + ": x", "Connection: keep-alive, Voorpoort-Flag"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, test := range []struct{ method, target, body string }{
				{"POST", cats, aCat}, {"DELETE", minoes, ""}, {"GET", cats, ""}, {"POST", "/public", aCat}, {"GET", "/public", ""},
			} {
				o := s.send(t, message(test.method, test.target, test.body, append(fields, asJSON)...))
				require.Equal(t, http.StatusCreated, o.Status, o.Body)
				require.Len(t, o.Arrived, 1)
				require.NotContains(t, strings.ToLower(o.Arrived[0].Head), "flag")
			}
		})
	}
	t.Run("in a trailer", func(t *testing.T) {
		t.Parallel()
		_, a := s.send(t, framed(chunked+"\r\nTrailer: "+flagField, "11\r\n"+aCat+"\r\n0\r\n"+flagField+": x\r\n\r\n")).judged(t)
		require.NotContains(t, strings.ToLower(a.Head), "flag")
	})
}

// A client can name fields that a proxy must not forward, but not the flag: it
// would hide from the register that nobody judged its request.
func TestAFlagCannotBeTakenAway(t *testing.T) {
	t.Parallel()
	register := listen(t)
	g := start(t, globals(webhook("felix", "http://"+freeAddress(t), "\t\tintercept\n\t\ton_failure flag\n\t\tbreaker off")),
		"\tvoorpoort openregister\n\treverse_proxy "+register.address+"\n")
	s := &siege{gate: g, register: register, validator: interceptor(t, http.StatusNoContent, "")}
	for _, fields := range [][]string{
		{"X-A: b"},
		{"Connection: " + flagField},
		{"Connection: close, voorpoort-flag, X-A"},
		{"Connection: keep-alive", "Connection: VOORPOORT-FLAG"},
		{flagField + ": x", "Connection: " + flagField},
		{"Expect: 100-continue", "TE: trailers", "Connection: TE, Voorpoort-Flag"},
	} {
		t.Run(strings.Join(fields, " "), func(t *testing.T) {
			t.Parallel()
			o := s.send(t, message("POST", cats, aCat, append(fields, asJSON)...))
			require.Equal(t, http.StatusCreated, o.Status, o.Body)
			require.Equal(t, []string{`"felix";reason=unreachable`}, o.Arrived[0].values(flagField))
		})
	}
}

// What Connection names never reaches the register, so the validator must not
// see it either.
func TestFieldsOfOneHopAreNotShownToTheValidator(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	e, a := s.send(t, message("POST", cats, aCat, asJSON, "Connection: Content-Type")).judged(t)
	require.Empty(t, a.values("Content-Type"))
	require.NotContains(t, e.Data.Headers, "Content-Type")

	e, _ = s.send(t, message("POST", cats, aCat, asJSON, "Connection: Content-Length, Host, Transfer-Encoding")).judged(t)
	require.JSONEq(t, aCat, string(e.Data.Body))

	// Without its type this is no form to the register.
	s.send(t, message("POST", cats, "name=Minoes", asForm, "Connection: content-type")).refused(t, http.StatusBadRequest, "invalid_json")
	s.send(t, message("POST", cats, encoded(t, aCat, "gzip"), asJSON, "Content-Encoding: gzip", "Connection: content-encoding")).
		refused(t, http.StatusBadRequest, "invalid_json")
}

// Some frameworks take the path from these fields. What they act on is the path
// that the rules saw.
func TestAPathIsNotOverriddenByAField(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for _, name := range []string{"X-Original-URL", "X-Rewrite-URL", "x-rewrite-url"} {
		for _, named := range []string{cats, minoes + "?a=b", "/public/../api/objects/pets/cats", "/API/objects/pets/cats", "http://{host}" + cats} {
			t.Run(name+" "+named, func(t *testing.T) {
				t.Parallel()
				a := s.send(t, message("POST", "/public", aCat, name+": "+named)).untouched(t, "POST", "/public", aCat)
				require.NotContains(t, a.Head, "/api")
			})
		}
		t.Run(name+" on a known path", func(t *testing.T) {
			t.Parallel()
			_, a := s.send(t, message("POST", cats, aCat, asJSON, name+": /api/objects/pets/dogs")).judged(t)
			require.NotContains(t, a.Head, "dogs")
			_, a = s.send(t, message("DELETE", minoes, "", name+": /public")).judged(t)
			require.NotContains(t, a.Head, "public")
		})
		t.Run(name+" elsewhere", func(t *testing.T) {
			t.Parallel()
			a := s.send(t, message("POST", "/public", aCat, name+": /before")).untouched(t, "POST", "/public", aCat)
			require.Equal(t, []string{"/before"}, a.values(name))
		})
	}
}

// Two spellings of a field that a register might take for one never get in.
func TestFieldsWithUnderscoresDoNotShadowOthers(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	_, a := s.send(t, message("POST", cats, aCat, asJSON, "Content_Type: application/x-www-form-urlencoded", "Content_Length: 3",
		"Content_Encoding: gzip", "Transfer_Encoding: chunked", "Content.Type: text/plain", "X_Original_URL: /api/objects/pets/dogs")).judged(t)
	require.NotContains(t, a.Head, "_")
	require.Equal(t, []string{"application/json"}, a.values("Content-Type"))
}
