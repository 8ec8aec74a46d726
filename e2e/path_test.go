package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const aCat = `{"name":"Minoes"}`

// Each of these is the collection of cats to some register: one that resolves,
// merges, decodes once more, cuts or folds before it routes.
var disguises = []struct{ name, target string }{
	{"dot segment", "/api/objects/./pets/cats"},
	{"dot segment in front", "/./api/objects/pets/cats"},
	{"dot segment at the end", "/api/objects/pets/cats/."},
	{"two dots", "/public/../api/objects/pets/cats"},
	{"two dots above the root", "/../../api/objects/pets/cats"},
	{"two dots at the end", "/api/objects/pets/cats/x/.."},
	{"encoded dot", "/api/objects/%2e/pets/cats"},
	{"encoded dots", "/public/%2e%2e/api/objects/pets/cats"},
	{"half encoded dots", "/public/.%2E/api/objects/pets/cats"},
	{"two slashes", "/api//objects/pets/cats"},
	{"two slashes in front", "//api/objects/pets/cats"},
	{"two slashes at the end", "/api/objects/pets/cats//"},
	{"a host in front", "//register.example/../api/objects/pets/cats"},
	{"encoded slash", "/api%2Fobjects/pets/cats"},
	{"encoded slashes", "/api%2fobjects%2fpets%2fcats"},
	{"encoded slash at the end", "/api/objects/pets/cats%2F"},
	{"encoded slash in a name", "/api/objects/pets%2Fcats"},
	{"backslash", `/api\objects\pets\cats`},
	{"encoded backslash", "/api%5Cobjects/pets%5ccats"},
	{"parameters", "/api/objects/pets/cats;jsessionid=1"},
	{"parameters in the static part", "/api;v=1/objects/pets/cats"},
	{"encoded semicolon", "/api/objects%3Bx/pets/cats"},
	{"dots with parameters", "/public/..;/api/objects/pets/cats"},
	{"dots with encoded parameters", "/public/%2e%2e%3bx/api/objects/pets/cats"},
	{"dots and encoded slash", "/public/..%2Fapi/objects/pets/cats"},
	{"dots and backslash", `/public/..\api/objects/pets/cats`},
	{"NUL at the end", "/api/objects/pets/cats%00"},
	{"NUL and an extension", "/api/objects/pets/cats%00.png"},
	{"NUL in the static part", "/api/obj%00ects/pets/cats"},
	{"NUL ends a segment", "/api%00x/objects/pets/cats"},
	{"tab", "/api/obj%09ects/pets/cats"},
	{"line break", "/api/objects%0d%0a/pets/cats"},
	{"DEL", "/api/objects%7F/pets/cats"},
	{"encoded question mark", "/api/objects/pets/cats%3Fx=1"},
	{"encoded number sign", "/api/objects/pets/cats%23x"},
	{"number sign", "/api/objects/pets/cats#x"},
	{"double encoded slash", "/api%252Fobjects/pets/cats"},
	{"double encoded dots", "/public/%252e%252e/api/objects/pets/cats"},
	{"double encoded letter", "/%2561pi/objects/pets/cats"},
	{"triple encoded slash", "/api%25252Fobjects/pets/cats"},
	{"overlong slash", "/api%C0%AFobjects/pets/cats"},
	{"overlong slash in three bytes", "/api%E0%80%AFobjects/pets/cats"},
	{"overlong dots", "/public/%C0%AE%C0%AE/api/objects/pets/cats"},
	{"overlong letter", "/%C1%A1pi/objects/pets/cats"},
	{"full-width slash", "/api%EF%BC%8Fobjects/pets/cats"},
	{"full-width dots", "/public/%EF%BC%8E%EF%BC%8E/api/objects/pets/cats"},
	{"full-width letters", "/%EF%BD%81pi/objects/pets/cats"},
	{"fraction slash", "/api%E2%81%84objects/pets/cats"},
	{"prefix and dots", "/index.php/apps/other/../openregister/api/objects/pets/cats"},
	{"prefix and slashes", "/index.php//apps/openregister//api/objects/pets/cats"},
	{"prefix in capitals and parameters", "/INDEX.PHP/Apps/OpenRegister;x/API/objects/pets/cats"},
	{"everything", "//public/%252e%252e;/API%5cobjects%00/./pets%2Fcats;v=1//"},
}

func TestNoDisguiseOfAPathGetsPastTheGate(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for _, test := range disguises {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s.send(t, message("POST", test.target, aCat, asJSON)).refused(t, http.StatusBadRequest, "ambiguous_path")
		})
		t.Run(test.name+" with a query", func(t *testing.T) {
			t.Parallel()
			s.send(t, message("POST", test.target+"?x=1", aCat, asJSON)).closed(t)
		})
		t.Run(test.name+" in an absolute target", func(t *testing.T) {
			t.Parallel()
			s.send(t, message("POST", "http://{host}"+test.target, aCat, asJSON)).closed(t)
		})
	}
}

// Spellings that every register takes for the same path are no trouble: the
// validator sees them, and the register gets them as they came.
func TestEverySpellingOfAPathIsJudged(t *testing.T) {
	t.Parallel()
	besiegeEach(t, "", func(t *testing.T, s *siege) {
		for name, target := range map[string]string{
			"plain":                          "/api/objects/pets/cats",
			"encoded letter":                 "/%61pi/objects/pets/cats",
			"encoded capital":                "/%41PI/objects/pets/cats",
			"all encoded":                    "/%61%70%69/%6f%62%6a%65%63%74%73/%70%65%74%73/%63%61%74%73",
			"capitals":                       "/API/Objects/pets/cats",
			"Kelvin sign and long s":         "/api/object%C5%BF/pets/cats",
			"slash at the end":               "/api/objects/pets/cats/",
			"encoded dot in a name":          "/api/objects/pets/%2Ecats",
			"space in a name":                "/api/objects/pets/big%20cats",
			"letters beyond ASCII":           "/api/objects/pets/katt%C3%A9n",
			"encoded percent sign":           "/api/objects/pets/100%25",
			"prefix":                         "/index.php/apps/openregister/api/objects/pets/cats",
			"prefix without front":           "/apps/openregister/api/objects/pets/cats",
			"prefix in capitals":             "/Index.PHP/APPS/OpenRegister/api/objects/pets/cats",
			"prefix with encoded dot":        "/index%2Ephp/apps/openregister/api/objects/pets/cats",
			"absolute target":                "http://{host}/api/objects/pets/cats",
			"absolute target in capitals":    "HTTP://{host}/api/objects/pets/cats",
			"absolute target with user":      "http://me:secret@{host}/api/objects/pets/cats",
			"query":                          "/api/objects/pets/cats?/../x=%2F..",
			"empty query":                    "/api/objects/pets/cats?",
			"query with a number sign":       "/api/objects/pets/cats?a=b#c",
			"query with another path in it":  "/api/objects/pets/cats?x=/public",
			"very long name":                 "/api/objects/pets/" + strings.Repeat("c", 4000),
			"names with signs that are fine": "/api/objects/pets/a:b@c,d=e+f!$&'()*~",
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				e, _ := s.send(t, message("POST", target, aCat, asJSON)).judged(t)
				require.Equal(t, "object.creating", e.Type)
			})
		}
	})
}

// What is no path at all never gets as far as the register.
func TestATargetWithoutAPathIsRefused(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", "\tvoorpoort openregister rest\n\treverse_proxy {{register}}\n")
	for name, target := range map[string]string{
		"asterisk":           "*",
		"asterisk in a path": "*/../api/objects/pets/cats",
		"no slash":           "api/objects/pets/cats",
		"scheme without one": "http:api/objects/pets/cats",
		"other scheme":       "file:api/objects/pets/cats",
		"broken escape":      "/api/objects/pets/cats%",
		"broken hex":         "/%zz/../api/objects/pets/cats",
		"space":              "/api/objects/pets/cats x",
		"NUL byte":           "/api/objects/pets/cats\x00",
		"tab byte":           "/api/\tobjects/pets/cats",
		"nothing":            "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.send(t, message("POST", target, aCat, asJSON)).closed(t)
		})
	}
}
