package manage

import (
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// openAPIVersion is the version of OpenAPI on the list of the Dutch
// Standardisation Forum.
const openAPIVersion = "3.0.3"

// openAPI makes the document of routes (OpenAPI 3.0.3; NLgov REST API Design
// Rules 2.2).
func openAPI(routes []*route, contact Contact) ([]byte, error) {
	s := &schemas{named: map[string]schema{}}
	paths, groups := map[string]map[string]any{}, map[string]bool{}
	for _, t := range routes {
		if paths[t.Pattern] == nil {
			paths[t.Pattern] = map[string]any{}
		}
		paths[t.Pattern][strings.ToLower(t.Method)] = s.operation(t)
		groups[t.Group] = true
	}
	s.of(reflect.TypeFor[Problem]())
	s.named["Problem"]["additionalProperties"] = true // RFC 9457 section 3.2
	tags := make([]any, 0, len(groups))
	for _, name := range sortedKeys(groups) {
		tags = append(tags, map[string]any{"name": name})
	}
	return marshal(map[string]any{
		"openapi":  openAPIVersion,
		"info":     documentInfo(contact),
		"servers":  []any{map[string]any{"url": "/api/v1", "description": "below where the API is mounted"}},
		"tags":     tags,
		"security": []any{map[string]any{"bearer": []string{}}},
		"paths":    paths,
		"components": map[string]any{
			"schemas": s.named,
			"headers": map[string]any{"ApiVersion": map[string]any{
				"description": "the whole version of the API", "schema": schema{"type": "string", "example": APIVersion},
			}},
			"responses": problemResponses(routes),
			"securitySchemes": map[string]any{"bearer": map[string]any{
				"type": "http", "scheme": "bearer",
				"description": "a token of the configuration, with one or more of the scopes read, write, replay and read:payload",
			}},
		},
	})
}

// documentInfo says what the API is, and whose.
func documentInfo(contact Contact) map[string]any {
	return map[string]any{
		"title": "Voorpoort", "version": APIVersion,
		"description": "Webhooks that are asked about writes to a register, and told of them.",
		"license":     map[string]any{"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
		"contact":     contact.orDefault(),
	}
}

var pathParameter = regexp.MustCompile(`\{([^}]+)\}`)

// pathTexts say what stands for the names in patterns.
var pathTexts = map[string]string{
	"id": "number or UUID", "logId": "number of the row", "seq": "position of the message",
	"webhook": "number or UUID of a webhook; the name of the queue if its webhook is gone",
}

// operation gives one operation of the document.
func (s *schemas) operation(t *route) map[string]any {
	made := map[string]any{
		"operationId": t.Name, "summary": t.Summary, "tags": []string{t.Group}, "responses": s.responses(t),
	}
	if t.Scope == 0 {
		made["security"], made["description"] = []any{}, "Open to all."
	} else {
		made["description"] = "Needs the scope " + t.Scope.String() + "."
	}
	inPath := pathParameter.FindAllStringSubmatch(t.Pattern, -1)
	parameters := make([]any, 0, len(inPath)+len(t.Parameters))
	for _, match := range inPath {
		parameters = append(parameters, map[string]any{
			"name": match[1], "in": "path", "required": true, "schema": schema{"type": "string"}, "description": pathTexts[match[1]],
		})
	}
	for i := range t.Parameters {
		if p := &t.Parameters[i]; !p.Hidden {
			parameters = append(parameters, map[string]any{"name": p.Name, "in": "query", "description": p.Detail, "schema": p.schema()})
		}
	}
	if len(parameters) > 0 {
		made["parameters"] = parameters
	}
	if t.Request != nil {
		made["requestBody"] = map[string]any{
			"content": map[string]any{mediaJSON: map[string]any{"schema": s.request(reflect.TypeOf(t.Request))}},
		}
	}
	return made
}

// schema is that of a parameter of the query.
func (p *parameter) schema() schema {
	made := schema{"type": p.Type}
	if p.Type == "date-time" {
		made = schema{"type": "string", "format": "date-time"}
	}
	if len(p.Enum) > 0 {
		made["enum"] = p.Enum
	}
	return made
}

// responses describes what is answered.
func (s *schemas) responses(t *route) map[string]any {
	success := map[string]any{
		"description": http.StatusText(t.success()),
		"headers":     map[string]any{"API-Version": map[string]any{"$ref": "#/components/headers/ApiVersion"}},
	}
	if t.Response != nil {
		success["content"] = map[string]any{t.media(): map[string]any{"schema": s.of(reflect.TypeOf(t.Response))}}
	}
	made := map[string]any{strconv.Itoa(t.success()): success}
	if t.Tagged {
		made[strconv.Itoa(http.StatusNotModified)] = map[string]any{
			"description": "the client has it: If-None-Match names its ETag", "headers": success["headers"],
		}
	}
	for _, status := range refusals(t) {
		if status != t.success() {
			made[strconv.Itoa(status)] = map[string]any{"$ref": "#/components/responses/Problem" + strconv.Itoa(status)}
		}
	}
	return made
}

// refusals are the statuses of a route's problems. 400 is for everything that is
// asked wrongly (/core/error-handling/invalid-input).
func refusals(t *route) []int {
	all := []int{http.StatusBadRequest, http.StatusNotAcceptable, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if t.Scope != 0 {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	if t.Request != nil {
		all = append(all, withBody...)
	}
	all = append(all, t.Refusals...)
	slices.Sort(all)
	return slices.Compact(all)
}

// problemResponses are the problems of all routes (RFC 9457).
func problemResponses(routes []*route) map[string]any {
	made := map[string]any{}
	for _, t := range routes {
		for _, status := range refusals(t) {
			made["Problem"+strconv.Itoa(status)] = map[string]any{
				"description": http.StatusText(status),
				"headers":     map[string]any{"API-Version": map[string]any{"$ref": "#/components/headers/ApiVersion"}},
				"content":     map[string]any{mediaProblem: map[string]any{"schema": schema{"$ref": "#/components/schemas/Problem"}}},
			}
		}
	}
	return made
}
