package manage

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// spectral lints a document with the rules after the NLgov REST API Design
// Rules, and gives the names of those that it breaks. It needs Spectral (npm
// package @stoplight/spectral-cli), whose path is in VOORPOORT_SPECTRAL.
func spectral(t *testing.T, document []byte) []string {
	t.Helper()
	program := os.Getenv("VOORPOORT_SPECTRAL")
	if program == "" {
		t.Skip("VOORPOORT_SPECTRAL does not name the program spectral")
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	require.NoError(t, os.WriteFile(file, document, 0o600))
	out, err := exec.CommandContext(t.Context(), program, "lint", "--quiet", "--fail-severity", "warn", "--ruleset", "testdata/adr.spectral.yaml", file).CombinedOutput()
	if err == nil {
		return nil
	}
	var broken []string
	for _, match := range regexp.MustCompile(`(?:warning|error)\s+(\S+)`).FindAllSubmatch(out, -1) {
		broken = append(broken, string(match[1]))
	}
	require.NotEmpty(t, broken, "%s", out)
	slices.Sort(broken)
	return slices.Compact(broken)
}

func TestSpectralFindsNothing(t *testing.T) {
	t.Parallel()
	document, err := openAPI(newOffice(t).handler.routes, testContact)
	require.NoError(t, err)
	require.Empty(t, spectral(t, document))
}

// TestSpectralMissesAnAddress: without a contact of the operator, the one thing
// that is missing is the e-mail address, which nobody else can know.
func TestSpectralMissesAnAddress(t *testing.T) {
	t.Parallel()
	document, err := openAPI(newOffice(t).handler.routes, Contact{})
	require.NoError(t, err)
	require.Equal(t, []string{"adr-contact"}, spectral(t, document))
}

// TestSpectralFindsWhatIsWrong: the rules can fail.
func TestSpectralFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	document, err := openAPI(newOffice(t).handler.routes, testContact)
	require.NoError(t, err)
	for change, rule := range map[[2]string]string{
		{`"version":"1.0.0"`, `"version":"1"`}:                      "adr-semver",
		{`"url":"/api/v1"`, `"url":"/api"`}:                         "adr-version-in-base-path",
		{`"/dead-letters":`, `"/deadLetters":`}:                     "adr-kebab-case",
		{`"/holds":`, `"/holds/":`}:                                 "adr-no-trailing-slash",
		{`"name":"window"`, `"name":"the_window"`}:                  "adr-query-camel-case",
		{`"application/problem+json":`, `"application/json":`}:      "adr-problem-details",
		{`"API-Version":{"$ref"`, `"X-Version":{"$ref"`}:            "adr-version-header",
		{`"createdAt":`, `"createdDate":`}:                          "adr-date-names",
		{`"email":"api@voorbeeld.nl",`, ``}:                         "adr-contact",
		{`"400":{"$ref":"#/components/responses/Problem400"},`, ``}: "adr-invalid-input-parameters",
		{`"detail":{"type":"string"},`, ``}:                         "adr-problem-members",
	} {
		bad := strings.ReplaceAll(string(document), change[0], change[1])
		require.NotEqual(t, string(document), bad, change)
		require.Contains(t, spectral(t, []byte(bad)), rule)
	}
}
