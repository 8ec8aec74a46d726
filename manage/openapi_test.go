package manage

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testContact has all that the Design Rules want.
var testContact = Contact{Name: "Gemeente Voorbeeld", Email: "api@voorbeeld.nl", URL: "https://voorbeeld.nl"}

// servedDocument gives the OpenAPI document of all routes.
func servedDocument(t *testing.T) map[string]any {
	t.Helper()
	raw, err := openAPI(newOffice(t).handler.routes, testContact)
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(raw, &doc))
	return doc
}

// eachOperation visits all operations of a document.
func eachOperation(t *testing.T, doc map[string]any, visit func(path, method string, op map[string]any)) {
	t.Helper()
	for path, item := range at(t, doc, "paths").(map[string]any) {
		for method, op := range item.(map[string]any) {
			visit(path, method, op.(map[string]any))
		}
	}
}

// TestTheDocumentKeepsToTheDesignRules checks the rules of the NLgov REST API
// Design Rules 2.2 that a document can show.
func TestTheDocumentKeepsToTheDesignRules(t *testing.T) {
	t.Parallel()
	doc := servedDocument(t)
	require.Equal(t, "3.0.3", doc["openapi"])
	require.Regexp(t, `^\d+\.\d+\.\d+$`, at(t, doc, "info", "version"), "semver")
	for _, member := range []string{"name", "url", "email"} {
		require.NotEmpty(t, at(t, doc, "info", "contact", member))
	}
	require.Regexp(t, `/v\d+$`, at(t, doc, "servers", 0, "url"), "the major version is in the base path")
	kebab := regexp.MustCompile(`^(/([a-z0-9]+(-[a-z0-9]+)*|\{[a-zA-Z]+\}))+(\.json)?$`)
	camel := regexp.MustCompile(`^[a-z][a-z0-9]*([A-Z][a-z0-9]*)*$`)
	eachOperation(t, doc, func(path, method string, op map[string]any) {
		name := method + " " + path
		require.Regexp(t, kebab, path)
		require.Contains(t, []string{"get", "post", "put", "patch", "delete"}, method)
		require.Regexp(t, camel, op["operationId"])
		responses := op["responses"].(map[string]any)
		require.Contains(t, responses, "400", name)
		for status, response := range responses {
			if ref, isRef := response.(map[string]any)["$ref"].(string); isRef {
				response = at(t, doc, "components", "responses", strings.TrimPrefix(ref, "#/components/responses/"))
				require.Contains(t, at(t, response, "content"), "application/problem+json", name+" "+status)
			}
			require.Contains(t, at(t, response, "headers"), "API-Version", name+" "+status)
		}
		parameters, _ := op["parameters"].([]any)
		for _, p := range parameters {
			require.Regexp(t, camel, at(t, p, "name"), name)
			require.NotEmpty(t, at(t, p, "description"), name)
		}
	})
}

// TestEveryRouteIsDescribed, under a name of its own.
func TestEveryRouteIsDescribed(t *testing.T) {
	t.Parallel()
	doc, names := servedDocument(t), map[string]bool{}
	for _, r := range newOffice(t).handler.routes {
		op := at(t, doc, "paths", r.Pattern, strings.ToLower(r.Method))
		require.NotEmpty(t, at(t, op, "summary"), r.Pattern)
		require.NotEmpty(t, r.Group, r.Pattern)
		require.False(t, names[r.Name], r.Name)
		names[r.Name] = true
	}
}

// TestReferencesLeadSomewhere in both documents.
func TestReferencesLeadSomewhere(t *testing.T) {
	t.Parallel()
	doc := servedDocument(t)
	count := 0
	var visit func(value any)
	visit = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				count++
				path := []any{}
				for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					path = append(path, step)
				}
				require.NotEmpty(t, at(t, doc, path...), ref)
			}
			for _, member := range v {
				visit(member)
			}
		case []any:
			for _, element := range v {
				visit(element)
			}
		}
	}
	visit(doc)
	require.Greater(t, count, 100)
}

// TestLiveAnswersFitTheirSchemas is done by every call of every test of this
// package; here, that the check can fail.
func TestLiveAnswersFitTheirSchemas(t *testing.T) {
	t.Parallel()
	v := validator{doc: servedDocument(t)}
	hold := map[string]any{"$ref": "#/components/schemas/Hold"}
	good := `{"id":"h","createdAt":"2026-01-01T00:00:00Z","ageSeconds":5,"method":"POST","path":null,"rule":"x","underWay":false}`
	require.Empty(t, v.check(hold, decoded(t, good), ""))
	for bad, want := range map[string]string{
		strings.Replace(good, `"id":"h",`, "", 1):     "/: id is missing",
		strings.Replace(good, `5`, `"5"`, 1):          "/ageSeconds: is a string, not integer",
		strings.Replace(good, `5`, `5.5`, 1):          "/ageSeconds: is no whole number",
		strings.Replace(good, `"h"`, `null`, 1):       "/id: is null",
		strings.Replace(good, `2026`, `MMXXVI`, 1):    "/createdAt: is no date-time in UTC",
		strings.Replace(good, `"rule"`, `"ruler"`, 1): "/: ruler is not described",
		`[]`: "/: is an array, not object",
	} {
		require.Contains(t, v.check(hold, decoded(t, bad), ""), want, bad)
	}
	job := map[string]any{"$ref": "#/components/schemas/Job"}
	require.Contains(t, strings.Join(v.check(job, map[string]any{"state": "asleep"}, ""), "\n"), "/state: is none of")
}

func decoded(t *testing.T, raw string) any {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(raw), &value))
	return value
}
