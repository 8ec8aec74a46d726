package request

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ruleSet is a Lookup for tests: patterns with {} for any one segment, which is
// decoded once, as the rules do.
type ruleSet []string

func (rules ruleSet) Knows(path string) bool {
	segments := strings.Split(path, "/")
	for _, rule := range rules {
		if knows(strings.Split(rule, "/"), segments) {
			return true
		}
	}
	return false
}

func knows(rule, segments []string) bool {
	if len(rule) != len(segments) {
		return false
	}
	for i, want := range rule {
		got, err := url.PathUnescape(segments[i])
		if err != nil || (want != "{}" && got != want) || (want == "{}" && got == "") {
			return false
		}
	}
	return true
}

var testRules = ruleSet{"/api/objects/{}/{}", "/api/objects/{}/{}/{}"}

// parseTarget parses a request target as net/http does.
func parseTarget(t testing.TB, target string) *url.URL {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("POST " + target + " HTTP/1.1\r\nHost: h\r\n\r\n")))
	require.NoError(t, err)
	return r.URL
}

func TestCheckPathAccepts(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/",
		"/api/objects/1/2",
		"/api/objects/1/2/3",
		"/api/objects/reg/caf%C3%A9",
		"/api/objects/reg/a%20b",
		"/api/objects/reg/a%40b%2Bc",
		"/api/objects/reg/a%3Db%26c",
		"/api/objects/reg/100%25",
		"/api/objects/reg/100%25-ok",
		"/api/objects/reg/%E9",           // Latin-1
		"/api/objects/reg/%E6%97%A5",     // 日
		"/api/objects/reg/%F0%9F%98%80",  // an emoji
		"/api/objects/reg/a.b..c...",     // dots inside of a name
		"/api/objects/reg/(a)'b'*!$&,:@", // all that a segment may hold
		"/api/objects/reg/a?x=/../..;%2F",
		"/%61pi/objects/1/2", // one plain reading, and the rules decode it
		"http://host/api/objects/1/2",
		// Odd, but no rule knows any reading of it.
		"/files//a/../b;c/%2F%5C%00/%252e",
		"/static/%EF%BC%8F",
		"/api/objects/",
		"/api/objects/1/2/3/4/5%2F6",
	} {
		require.Nil(t, CheckPath(parseTarget(t, target), Relax{}, testRules), target)
	}
}

// attacks are ways to make a register see a path that the gate does not, or
// another one than it does.
var attacks = []string{
	// The gate sees an unknown path, a lenient register a known one.
	"//api/objects/1/2",
	"/api//objects/1/2",
	"/api/objects/1/2/",
	"/api/objects/1/2//",
	"/./api/objects/1/2",
	"/x/../api/objects/1/2",
	"/api/./objects/1/2",
	"/api/objects/1/2/x/y/../..",
	"/api/objects/1/2/.",
	"/x/%2e%2e/api/objects/1/2",
	"/x/%2E./api/objects/1/2",
	"/x/..;/api/objects/1/2",
	"/x/..;a=b/api/objects/1/2",
	"/x/..%3B/api/objects/1/2",
	"/x/..%253B/api/objects/1/2",
	"/api;v=1/objects/1/2",
	"/api/objects;/1/2",
	"/;a/api/objects/1/2",
	"/api%2Fobjects/1/2",
	"/api%2fobjects%2f1%2f2",
	"/api\\objects\\1\\2",
	"/api%5Cobjects/1/2",
	"/api%5cobjects/1/2",
	"/x\\..\\api/objects/1/2",
	"/x%5C..%5Capi/objects/1/2",
	"/x%2F..%2Fapi/objects/1/2",
	"/x/%252e%252e/api/objects/1/2",
	"/api%252Fobjects/1/2",
	"/api%25252Fobjects/1/2",
	"/%2561pi/objects/1/2",
	"/%25%36%31pi/objects/1/2",
	"/api/objects/1/2%00/x/y",
	"/api/objects/1/2%00",
	"/api%00/objects/1/2",
	"/api/objects%0A/1/2",
	"/api/obj%09ects/1/2",
	"/api/objects/1/2%3Fa=b/c/d",
	"/api/objects/1/2%23/c/d",
	"/%23/api/objects/1/2",
	"/api%3F/objects/1/2",
	"/api%00x/objects/1/2",
	"/api/objects/1/2/3#",
	"/api%c0%afobjects/1/2",
	"/api%C0%2Fobjects/1/2",
	"/api%c1%9cobjects/1/2",
	"/api%c1%1cobjects/1/2",
	"/api%e0%80%afobjects/1/2",
	"/api%f0%80%80%afobjects/1/2",
	"/x/%c0%ae%c0%ae/api/objects/1/2",
	"/x/%c0%2e%c0%2e/api/objects/1/2",
	"/x/%e0%80%ae%e0%80%ae/api/objects/1/2",
	"/api%EF%BC%8Fobjects/1/2",
	"/api%EF%BC%BCobjects/1/2",
	"/%EF%BD%81pi/objects/1/2",
	"/x/%EF%BC%8E%EF%BC%8E/api/objects/1/2",
	"/x/%E2%80%A5/api/objects/1/2",
	"/api%E2%88%95objects/1/2",
	"/api%25c0%25afobjects/1/2",
	// The gate sees a known path, a lenient register another one.
	"/api/objects/1/..",
	"/api/objects/1/%2e%2e",
	"/api/objects/1/.",
	"/api/objects/1/2;x",
	"/api/objects/1/2%3Bx",
	"/api/objects/1/a%2Fb",
	"/api/objects/1/a%5Cb",
	"/api/objects/1/a\\b",
	"/api/objects/1/a%2541",
	"/api/objects/1/a%252Fb",
	"/api/objects/1/a%00b",
	"/api/objects/1/a%0Ab",
	"/api/objects/1/a%7Fb",
	"/api/objects/1/a%3Fb",
	"/api/objects/1/a%23b",
	"/api/objects/1/%c0%af",
	"/api/objects/1/%EF%BC%8F",
	"/api/objects/%2e%2e%2f%2e%2e/2",
	"http://host//api/objects/1/2",
	// No path at all.
	"http:api/objects/1/2",
	"x:y",
}

func TestCheckPathRefuses(t *testing.T) {
	t.Parallel()
	for _, target := range attacks {
		problem := CheckPath(parseTarget(t, target), Relax{}, testRules)
		require.NotNil(t, problem, target)
		require.Equal(t, http.StatusBadRequest, problem.Status, target)
		require.Equal(t, ReasonAmbiguousPath, problem.Reason)
		require.NotContains(t, problem.Detail, "objects", "the client's path is not repeated")
	}
}

// TestRelax lets each kind through with its own setting, and with no other.
func TestRelax(t *testing.T) {
	t.Parallel()
	cases := []struct {
		relax  Relax
		target string
	}{
		{Relax{EncodedSlash: true}, "/api/objects/1/a%2Fb"},
		{Relax{Backslash: true}, "/api/objects/1/a%5Cb"},
		{Relax{DotSegments: true}, "/api/objects/1/.."},
		{Relax{EmptySegments: true}, "/api//objects/1/2"},
		{Relax{TrailingSlash: true}, "/api/objects/1/2/"},
		{Relax{PathParameters: true}, "/api/objects/1/2;v=1"},
		{Relax{EncodedDelimiters: true}, "/api/objects/1/a%3Fb%23c"},
		{Relax{ControlCharacters: true}, "/api/objects/1/a%00b"},
		{Relax{DoubleEncoding: true}, "/api/objects/1/a%2541"},
		{Relax{LookAlikes: true}, "/api/objects/1/%EF%BC%8F"},
	}
	for i, setting := range cases {
		for j, path := range cases {
			problem := CheckPath(parseTarget(t, path.target), setting.relax, testRules)
			require.Equal(t, i == j, problem == nil, "%+v %s", setting.relax, path.target)
		}
	}
}

func TestForwardedPath(t *testing.T) {
	t.Parallel()
	for target, path := range map[string]string{
		"/": "/", "http://host": "/", "http://host?a=/b": "/", "/a%2fb/c?d": "/a%2fb/c", "http://host/a": "/a", "*": "*",
	} {
		require.Equal(t, path, ForwardedPath(parseTarget(t, target)), target)
	}
}

func TestCheckPathInconsistent(t *testing.T) {
	t.Parallel()
	hidden := &url.URL{Path: "/files/1", RawPath: "/api/objects/1/2"}
	require.NotNil(t, CheckPath(hidden, Relax{}, testRules))
	shown := &url.URL{Path: "/api/objects/1/2", RawPath: "/files/1"}
	require.NotNil(t, CheckPath(shown, Relax{}, testRules))
	unrelated := &url.URL{Path: "/files/1", RawPath: "/files/2"}
	require.Nil(t, CheckPath(unrelated, Relax{}, testRules))
	noSlash := &url.URL{Path: "api/objects/1/2"}
	require.Nil(t, CheckPath(noSlash, Relax{}, ruleSet{"/x"}))
	require.NotNil(t, CheckPath(noSlash, Relax{}, testRules))
	asterisk := parseTarget(t, "*")
	require.Nil(t, CheckPath(asterisk, Relax{}, testRules))
	require.NotNil(t, CheckPath(asterisk, Relax{}, ruleSet{"/{}"}))
}

func TestCheckPathTrailingSlashThatRulesKnow(t *testing.T) {
	t.Parallel()
	rules := ruleSet{"/objects/", "/objects"}
	require.Nil(t, CheckPath(parseTarget(t, "/objects/"), Relax{}, rules))
	require.Nil(t, CheckPath(parseTarget(t, "/objects"), Relax{}, rules))
}

func TestCheckPathBoundsItsWork(t *testing.T) {
	t.Parallel()
	long := parseTarget(t, "/"+strings.Repeat("%2F", maxOddPath))
	problem := CheckPath(long, Relax{}, testRules)
	require.NotNil(t, problem)
	require.Equal(t, http.StatusRequestURITooLong, problem.Status)

	deep := parseTarget(t, "/%"+strings.Repeat("25", 1000)+"41")
	require.NotNil(t, CheckPath(deep, Relax{}, testRules))

	plain := parseTarget(t, "/"+strings.Repeat("a", 10*maxOddPath))
	require.Nil(t, CheckPath(plain, Relax{}, testRules))
}

func BenchmarkCheckPathPlain(b *testing.B) {
	u := parseTarget(b, "/api/objects/pet-store/cat-schema/0a1b2c3d-4e5f-6789-abcd-ef0123456789")
	var rules Lookup = testRules
	b.ReportAllocs()
	for b.Loop() {
		if CheckPath(u, Relax{}, rules) != nil {
			b.Fatal("refused")
		}
	}
}

func BenchmarkCheckPathEscaped(b *testing.B) {
	u := parseTarget(b, "/api/objects/pet-store/cat%20schema/caf%C3%A9")
	var rules Lookup = testRules
	b.ReportAllocs()
	for b.Loop() {
		if CheckPath(u, Relax{}, rules) != nil {
			b.Fatal("refused")
		}
	}
}

func BenchmarkCheckPathHostile(b *testing.B) {
	kinds := "/..;a/%2F%5C%00%3F%23%0A%2525252e%EF%BC%8F%c0%af//./"
	u := parseTarget(b, strings.Repeat(kinds, maxOddPath/len(kinds)/3))
	var rules Lookup = ruleSet{}
	b.ReportAllocs()
	for b.Loop() {
		if CheckPath(u, Relax{}, rules) != nil {
			continue // some are refused: the time is what counts
		}
	}
}
