package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSubjectTemplate(t *testing.T) {
	t.Parallel()
	r := post("/a/{x}/{y}")
	r.Subject = "s:{x}/{y}!{x}"
	table := compile(t, Config{Rules: []Rule{r}})
	for path, want := range map[string]string{
		"/a/1/2":            "s:1/2!1",
		"/a/Jan%20J/%C3%A9": "s:Jan J/é!Jan J",
		"/a/%00%7f/%C2%85":  "s:%00%7F/%C2%85!%00%7F",
		"/a/%FF/%EF%BF%BF":  "s:%FF/%EF%BF%BF!%FF",
		"/a/a%2Fb/c%252F":   "s:a%2Fb/c%2F!a%2Fb",
	} {
		require.Equal(t, want, before(t, table, request("POST", path, "")).Subject, path)
	}
}

func TestSubjectOfARest(t *testing.T) {
	t.Parallel()
	r := post("/files/{path...}")
	r.Subject = "file:{path}"
	table := compile(t, Config{Rules: []Rule{r}})
	require.Equal(t, "file:a b/c%2Fd/e", before(t, table, request("POST", "/files/a%20b/c%2Fd/e/", "")).Subject)
}

func TestSubjectIsNeverBlank(t *testing.T) {
	t.Parallel()
	r := post("/a/{x}")
	r.Subject = "{x}"
	table := compile(t, Config{Rules: []Rule{r}})
	for path, want := range map[string]string{"/a/%20": "%20", "/a/%C2%A0%20": "%C2%A0%20", "/a/%20x": " x"} {
		require.Equal(t, want, before(t, table, request("POST", path, "")).Subject)
	}
}

func TestTypeNamesFromRequestsAreSafe(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	for segment, want := range map[string]string{
		"cats":                   "cats",
		"Cats":                   "cats",
		"c%61ts":                 "cats",
		"zaak-types_v1.0":        "zaak-types_v1.0",
		"\u212aats":              "kats",
		"caf%C3%A9":              "resource",
		"a%20b":                  "resource",
		"%22%7D":                 "resource",
		"-x":                     "resource",
		".x":                     "resource",
		"a*":                     "resource",
		"a%5Cb":                  "resource",
		strings.Repeat("x", 64):  strings.Repeat("x", 64),
		strings.Repeat("x", 65):  "resource",
		strings.Repeat("x", 300): "resource",
	} {
		e := before(t, table, request("POST", "/api/"+segment, "{}"))
		require.Equal(t, want+".creating", e.Type.Name, segment)
		require.Equal(t, want, e.Resource)
		require.Contains(t, string(e.AppendJSON(nil, nil)), `"type":"`+want+`.creating"`)
	}
}
