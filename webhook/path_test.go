package webhook

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		root root
		keys []string
		name string
	}{
		"objectType":            {rootObjectType, nil, ""},
		"objectType.x":          {rootNamed, []string{"objectType", "x"}, ""},
		"action":                {rootAction, nil, ""},
		"action.0":              {rootNamed, []string{"action", "0"}, ""},
		"object":                {rootObject, nil, ""},
		"object.type":           {rootObject, []string{"type"}, ""},
		"data.@self.name":       {rootData, []string{"@self", "name"}, ""},
		"Data.x":                {rootNamed, []string{"Data", "x"}, ""}, // case matters
		"before":                {rootBefore, nil, ""},
		"before.x.y":            {rootBefore, []string{"x", "y"}, ""},
		"response":              {rootNamed, []string{"response"}, "response"},
		"response.status":       {rootStatus, nil, ""},
		"response.status.x":     {rootNamed, []string{"response", "status", "x"}, ""},
		"response.headers.etag": {rootAnswerHeader, nil, "Etag"},
		"response.headers":      {rootNamed, []string{"response", "headers"}, ""},
		"response.body":         {rootAnswer, nil, ""},
		"response.body.a.0":     {rootAnswer, []string{"a", "0"}, ""},
		"response.code":         {rootNamed, []string{"response", "code"}, ""},
		"schema":                {rootNamed, []string{"schema"}, "schema"},
		"schema.x":              {rootNamed, []string{"schema", "x"}, ""}, // no parameter has parts
		"":                      {rootNamed, []string{""}, ""},
		".":                     {rootNamed, []string{"", ""}, ""},
		"request":               {rootNamed, []string{"request"}, "request"},
		"request.method":        {rootMethod, nil, ""},
		"request.method.x":      {rootNothing, []string{"x"}, ""},
		"request.path":          {rootPath, nil, ""},
		"request.body":          {rootRequestBody, nil, ""},
		"request.body.a.0":      {rootRequestBody, []string{"a", "0"}, ""},
		"request.query":         {rootNothing, nil, ""},
		"request.query.a":       {rootQuery, []string{"a"}, "a"},
		"request.query.a.b":     {rootQuery, []string{"a", "b"}, "a.b"}, // a name may have dots
		"request.headers":       {rootNothing, nil, ""},
		"request.headers.x-a":   {rootHeader, []string{"x-a"}, "X-A"},
		"request.headers.ETAG":  {rootHeader, []string{"ETAG"}, "Etag"},
		"request.header.x-a":    {rootNothing, []string{"x-a"}, ""},
		"request.queryParams.a": {rootNothing, []string{"a"}, ""},
	} {
		got := parsePath(text)
		require.Equal(t, want.root, got.root, text)
		require.Equal(t, want.name, got.name, text)
		if len(want.keys) > 0 || len(got.keys) > 0 {
			require.Equal(t, want.keys, got.keys, text)
		}
	}
}

func TestHoldsQuery(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		query string
		want  bool // for the value "a b"
		null  bool
	}{
		{"", false, true},
		{"x=a+b", true, false},
		{"x=a%20b", true, false},
		{"%78=a%20b", true, false},
		{"x=1&x=a+b", true, false},
		{"y=a+b", false, true},
		{"x", false, false},
		{"x=", false, false},
		{"&&x=a+b&", true, false},
		{"X=a+b", false, true},
		{"x=a+b=c", false, false},
		{"x=%zz", false, false},
		{"xx=a+b", false, true},
	} {
		value := compiledFilter(t, "request.query.x", `"a b"`)
		require.Equal(t, tt.want, value.holdsQuery(tt.query), tt.query)
		null := compiledFilter(t, "request.query.x", `null`)
		require.Equal(t, tt.null, null.holdsQuery(tt.query), tt.query)
	}
	require.True(t, compiledFilter(t, "request.query.x", `"%zz"`).holdsQuery("x=%zz"), "what cannot be decoded is taken as it is")
}

func compiledFilter(t *testing.T, path string, values ...string) *filter {
	t.Helper()
	source := Filter{Path: path}
	for _, value := range values {
		source.Values = append(source.Values, []byte(value))
	}
	f, err := compileFilter(source)
	require.NoError(t, err)
	return f
}

// TestFilterNames: which filters the index can file a webhook under.
func TestFilterNames(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"object", "data.x", "objectType", "action", "request.method", "schema.x", "before"} {
		_, _, ok := compiledFilter(t, path, `"a"`).names()
		require.False(t, ok, path)
	}
	_, _, ok := compiledFilter(t, "schema", `"a"`, `null`).names()
	require.False(t, ok, "null holds for every event without the parameter")

	param, names, ok := compiledFilter(t, "schema", `"a"`, `12`).names()
	require.True(t, ok)
	require.Equal(t, "schema", param)
	require.Equal(t, "a", names[0].text)
	require.Equal(t, "12", names[1].text)
}
