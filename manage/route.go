package manage

import (
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxPath is the longest path, in bytes, that is looked at: everybody may send
// one, and no id is anywhere near as long.
const maxPath = 8 << 10

// route is one operation of the API. The table of routes is what is served, and
// what openapi.json is made of.
type route struct {
	Name    string // operationId
	Method  string // GET answers HEAD as well
	Pattern string // behind /api: "/webhooks/{id}/logs"

	// Anywhere is for a Pattern of one segment that is found wherever the path
	// ends in it, as in <mount>/openapi.json.
	Anywhere bool

	Scope Scopes // what the caller needs; 0: nothing

	// Changes tells of requests to a GET that change something all the same: a
	// page of another site must not send them, and HEAD cannot. nil: none does.
	Changes func(*http.Request) bool

	Group      string // of operations that belong together
	Summary    string
	Parameters []parameter // of the query; those of the path follow from the pattern

	Request  any    // a zero value of the type that the body is; nil: no body is read
	Status   int    // of a success; 0 means 200
	Response any    // a zero value of the type that is answered; nil: nothing
	Media    string // of the answer; "" means application/json
	Tagged   bool   // the answer has an ETag, and If-None-Match counts
	Refusals []int  // statuses beside those that every route may have

	Serve func(w http.ResponseWriter, r *http.Request) error
}

// parameter is one parameter of the query.
type parameter struct {
	Name   string
	Type   string // "string", "integer", "boolean" or "date-time"
	Detail string
	Enum   []string
	Hidden bool // an alias that openapi.json does not show
}

// success is the status of a success.
func (t *route) success() int {
	if t.Status == 0 {
		return http.StatusOK
	}
	return t.Status
}

// changes tells whether a request changes something.
func (t *route) changes(r *http.Request) bool {
	return t.Method != http.MethodGet || t.Changes != nil && t.Changes(r)
}

// media is the type of the answer.
func (t *route) media() string {
	if t.Media == "" {
		return mediaJSON
	}
	return t.Media
}

// match tells whether the route has these segments, and what its parameters
// are: names and values in turn.
func (t *route) match(segments []string) (values []string, ok bool) {
	pattern := strings.Split(t.Pattern[1:], "/")
	if len(pattern) != len(segments) {
		return nil, false
	}
	for i, part := range pattern {
		name, variable := strings.CutPrefix(part, "{")
		switch {
		case variable && segments[i] != "":
			values = append(values, strings.TrimSuffix(name, "}"), segments[i])
		case part != segments[i]:
			return nil, false
		}
	}
	return values, true
}

// find gives the routes of a path, the ones with the fewest variables: what is
// written out goes before what a variable stands for.
func find(routes []*route, segments []string, anywhere bool) (found []*route, values []string) {
	for _, t := range routes {
		if t.Anywhere != anywhere {
			continue
		}
		these, ok := t.match(segments)
		switch {
		case !ok || found != nil && len(these) > len(values):
		case found != nil && len(these) == len(values):
			found = append(found, t)
		default:
			found, values = []*route{t}, these
		}
	}
	return found, values
}

// allowed lists the methods of routes for the header Allow.
func allowed(routes []*route) string {
	var methods []string
	for _, t := range routes {
		methods = append(methods, t.Method)
		if t.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

// target is what a path asks for.
type target struct {
	api    bool // else the dashboard's
	routes []*route
	values []string // of the parameters
}

// locate finds the root of the API in a path, wherever it is mounted: behind
// the last /api/ comes the API, unless only an earlier one makes sense, as with
// an id that is "api". What has no /api/ is the dashboard's. It is done before
// anybody has shown who he is, so its work is bounded, whatever the path.
func locate(routes []*route, u *url.URL) target {
	if len(u.Path) > maxPath || len(u.RawPath) > maxPath {
		return target{api: true}
	}
	path := u.EscapedPath()
	last := path[strings.LastIndexByte(path, '/')+1:]
	if found, _ := find(routes, []string{last}, true); found != nil {
		return target{api: true, routes: found}
	}
	t := target{api: strings.HasSuffix(path, "/api") || strings.Contains(path, "/api/")}
	for behind := range behindRoots(path, longest(routes)) {
		if segments, ok := split(strings.TrimPrefix(behind, "v1/")); ok {
			if t.routes, t.values = find(routes, segments, false); t.routes != nil {
				return t
			}
		}
	}
	return t
}

// longest is how many segments the longest pattern has.
func longest(routes []*route) (most int) {
	for _, t := range routes {
		most = max(most, strings.Count(t.Pattern, "/"))
	}
	return most
}

// behindRoots gives what follows each /api/ of a path, the last one first, as
// long as it could be a pattern of so many segments with v1 before it.
func behindRoots(path string, segments int) iter.Seq[string] {
	return func(yield func(string) bool) {
		slashes := 0 // of what follows
		for at := len(path) - 1; at >= 0 && slashes <= segments; at-- {
			if path[at] != '/' {
				continue
			}
			if root := strings.TrimSuffix(path[:at], "/api"); len(root) < at && !yield(path[at+1:]) {
				return
			}
			slashes++
		}
	}
}

// split takes a path apart; false if it is not one.
func split(path string) ([]string, bool) {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		if err != nil {
			return nil, false
		}
		segments[i] = text
	}
	return segments, true
}
