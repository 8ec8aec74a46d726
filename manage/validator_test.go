package manage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// validator checks answers against the schemas of an OpenAPI document, as far as
// these go here. A member that is not described is a fault: so the document
// tells all that is served.
type validator struct{ doc map[string]any }

func (v validator) resolve(ref string) map[string]any {
	var value any = v.doc
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		value = value.(map[string]any)[step]
	}
	return value.(map[string]any)
}

// check gives what does not fit, each with its place.
func (v validator) check(schema map[string]any, value any, place string) (faults []string) {
	if ref, ok := schema["$ref"].(string); ok {
		return v.check(v.resolve(ref), value, place)
	}
	if value == nil {
		if schema["nullable"] != true {
			faults = append(faults, orRoot(place)+": is null")
		}
		return faults
	}
	if all, ok := schema["allOf"].([]any); ok {
		for _, one := range all {
			faults = append(faults, v.check(one.(map[string]any), value, place)...)
		}
		return faults
	}
	if want, ok := schema["type"].(string); ok {
		if got := kindOf(value); got != want && (want != "integer" || got != "number") {
			return []string{fmt.Sprintf("%s: is %s, not %s", orRoot(place), article(got), want)}
		}
	}
	return v.checkValue(schema, value, place)
}

func (v validator) checkValue(schema map[string]any, value any, place string) (faults []string) {
	switch x := value.(type) {
	case map[string]any:
		return v.checkObject(schema, x, place)
	case []any:
		for i, element := range x {
			if items, ok := schema["items"].(map[string]any); ok {
				faults = append(faults, v.check(items, element, place+"/"+strconv.Itoa(i))...)
			}
		}
	case float64:
		if schema["type"] == "integer" && x != math.Trunc(x) {
			faults = append(faults, place+": is no whole number")
		}
	case string:
		if _, err := time.Parse(time.RFC3339Nano, x); schema["format"] == "date-time" && (err != nil || !strings.HasSuffix(x, "Z")) {
			faults = append(faults, place+": is no date-time in UTC")
		}
		if values, ok := schema["enum"].([]any); ok && !slices.Contains(values, value) {
			faults = append(faults, place+": is none of "+fmt.Sprint(values))
		}
	}
	return faults
}

func (v validator) checkObject(schema, value map[string]any, place string) (faults []string) {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			faults = append(faults, orRoot(place)+": "+name.(string)+" is missing")
		}
	}
	properties, described := schema["properties"].(map[string]any)
	additional, open := schema["additionalProperties"].(map[string]any)
	for name, member := range value {
		switch property, ok := properties[name].(map[string]any); {
		case ok:
			faults = append(faults, v.check(property, member, place+"/"+name)...)
		case open:
			faults = append(faults, v.check(additional, member, place+"/"+name)...)
		case described && schema["additionalProperties"] != true:
			faults = append(faults, orRoot(place)+": "+name+" is not described")
		}
	}
	return faults
}

func orRoot(place string) string {
	if place == "" {
		return "/"
	}
	return place
}

func article(kind string) string {
	if kind == "array" || kind == "object" {
		return "an " + kind
	}
	return "a " + kind
}

func kindOf(value any) string {
	switch value.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	}
	return "number"
}

// served is the document that all tests check their answers against.
var served = sync.OnceValue(func() validator {
	var v validator
	h := new(Handler)
	for _, table := range h.tables() {
		for i := range table {
			h.routes = append(h.routes, &table[i])
		}
	}
	raw, err := openAPI(h.routes, testContact)
	if err == nil {
		err = json.Unmarshal(raw, &v.doc)
	}
	if err != nil {
		panic(err)
	}
	return v
})

// checkAnswer demands that an answer is as the OpenAPI document says.
func checkAnswer(t *testing.T, h *Handler, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	found := h.routeOf(r)
	if found == nil {
		return
	}
	method, pattern := r.Method, found.Pattern
	item, _ := at(t, served().doc, "paths").(map[string]any)[pattern].(map[string]any)
	if item[strings.ToLower(method)] == nil {
		return // a compatible way to say the same
	}
	status := strconv.Itoa(w.Code)
	responses := at(t, item, strings.ToLower(method), "responses").(map[string]any)
	require.Contains(t, responses, status, "%s %s: %s", method, pattern, w.Body)
	response := responses[status].(map[string]any)
	if ref, ok := response["$ref"].(string); ok {
		response = served().resolve(ref)
	}
	content, _ := response["content"].(map[string]any)
	media, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	if content == nil {
		require.Empty(t, bytes.TrimSpace(w.Body.Bytes()), "%s %s", method, pattern)
		return
	}
	require.Contains(t, content, media, "%s %s %s", method, pattern, status)
	if !strings.HasSuffix(media, "json") {
		return
	}
	var value any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &value))
	require.Empty(t, served().check(at(t, content, media, "schema").(map[string]any), value, ""), "%s %s: %s", method, pattern, w.Body)
}
