package e2e_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	asksFor   = regexp.MustCompile(`\$(?:API|SITE/gateway)(/[^\s"?]*)`)
	withX     = regexp.MustCompile(` -X (\w+)`)
	ofPattern = regexp.MustCompile(`\\\{[^}]*\}`)
)

// request is the method and the path, below the API, that a command asks for.
func (one *transcript) request() (method, path string) {
	found := asksFor.FindStringSubmatch(one.command)
	if found == nil {
		return "", ""
	}
	method = http.MethodGet
	if given := withX.FindStringSubmatch(one.command); given != nil {
		method = given[1]
	} else if strings.Contains(one.command, " -d ") {
		method = http.MethodPost
	}
	return method, found[1]
}

// TestThePagesShowEveryRoute: whatever openapi.json has is in a transcript.
func TestThePagesShowEveryRoute(t *testing.T) {
	t.Parallel()
	var shown []transcript
	pages, err := filepath.Glob("../docs/api*.md")
	require.NoError(t, err)
	for _, path := range pages {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		shown = append(shown, transcripts(string(text))...)
	}
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	var missing []string
	w := newWalk(t, "")
	require.NoError(t, json.Unmarshal([]byte(send(t, http.MethodGet, w.gateway.URL+"/gateway/openapi.json", "").Body), &document))
	require.Greater(t, len(document.Paths), 25)
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		form := regexp.MustCompile("^" + ofPattern.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")
		for method, operation := range document.Paths[path] {
			if operation.OperationID == "" {
				continue // not an operation
			}
			if !slices.ContainsFunc(shown, func(one transcript) bool {
				asked, at := one.request()
				_, another := document.Paths[at]
				return strings.EqualFold(asked, method) && form.MatchString(at) && (at == path || !another)
			}) {
				missing = append(missing, method+" "+path)
			}
		}
	}
	require.Empty(t, missing, "no page shows them")
}
