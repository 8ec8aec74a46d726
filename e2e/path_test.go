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
	besiegeBoth(t, "", func(t *testing.T, s *siege) {
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

// The gate leaves other routes alone, however odd.
func TestOtherRoutesKeepTheirOddPaths(t *testing.T) {
	t.Parallel()
	besiegeBoth(t, "", func(t *testing.T, s *siege) {
		for _, target := range []string{
			"/files/a%2Fb", "/files/a%2fb", "/files//x", "/files/x/../y", "/files/./y/", "/files/a;b=c", "/files/%00", "/files/%252F",
			"/files/caf%C3%A9", "/files/%EF%BC%8F", "/files/a%5Cb", "/files/%C0%AF", "/files/..;/x", "/files/x//", "/", "/?", "//", "/files/%3Fx%23y",
			"/files/a?b=c&&d=%zz;_method=PUT", "/api/objects/pets", "/apidocs/objects/pets/cats",
		} {
			t.Run(target, func(t *testing.T) {
				t.Parallel()
				body := `{"a":1,"a":2} not JSON at all`
				s.send(t, message("POST", target, body, "Content-Type: text/x-odd", "Content-Encoding: odd")).untouched(t, "POST", target, body)
			})
		}
	})
}

// relaxations are what relax_path takes, and a path that each lets through.
var relaxations = map[string]string{
	"encoded_slash":      "/api/objects/pets/a%2Fb",
	"backslash":          "/api/objects/pets/a%5Cb",
	"dot_segments":       "/api/objects/x/../pets/cats",
	"empty_segments":     "/api/objects//pets/cats",
	"path_parameters":    "/api/objects/pets/cats;v=1",
	"encoded_delimiters": "/api/objects/pets/cats%3Fx",
	"control_characters": "/api/objects/pets/cats%09",
	"double_encoding":    "/api/objects/pets/cats%2541",
	"look_alikes":        "/api/objects/pets/c%EF%BD%81ts",
}

// An operator can let one kind of odd path through. That is what it does, and
// nothing else.
func TestEachRelaxationOfPathsLetsItsOwnKindThrough(t *testing.T) {
	t.Parallel()
	var site strings.Builder
	for word := range relaxations {
		site.WriteString("\t@" + word + " header X-Relax " + word + "\n\tvoorpoort @" + word + " openregister {\n\t\trelax_path " + word + "\n\t}\n")
	}
	site.WriteString("\treverse_proxy {{register}}\n")
	s := besiegeSite(t, "", "", site.String())
	for relaxed := range relaxations {
		for kind, target := range relaxations {
			t.Run(relaxed+" for "+kind, func(t *testing.T) {
				t.Parallel()
				o := s.send(t, message("POST", target, aCat, asJSON, "X-Relax: "+relaxed))
				if kind != relaxed {
					o.refused(t, http.StatusBadRequest, "ambiguous_path")
					return
				}
				require.Equal(t, http.StatusCreated, o.Status, o.Body)
				require.Len(t, o.Arrived, 1)
				require.Equal(t, target, o.Arrived[0].Target, "the path goes on as it came")
				if len(o.Asked) > 0 {
					o.judged(t)
				}
			})
		}
	}
}

// What counts is the path that goes on, after whatever Caddy has made of it. No
// disguise survives the cutting of a prefix either.
func TestARewrittenPathIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", `
	handle_path /gw/* {
		voorpoort openregister
		reverse_proxy {{register}}
	}
	handle /old/* {
		rewrite * /api/objects/pets{path}
		voorpoort openregister
		reverse_proxy {{register}}
	}
	handle {
		voorpoort openregister
		reverse_proxy {{register}}
	}
`)
	for target, forwarded := range map[string]string{
		"/gw" + cats:                    cats,
		"/gw" + minoes + "?a=b%2Fc":     minoes + "?a=b%2Fc",
		"/%67w/api/objects/pets/c%61ts": "/api/objects/pets/c%61ts",
		"/GW" + cats:                    cats,
		"/old/cats":                     "/api/objects/pets/old/cats",
		"/old/c%61ts":                   "/api/objects/pets/old/cats",
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			_, a := s.send(t, message("POST", target, aCat, asJSON)).judged(t)
			require.Equal(t, forwarded, a.Target)
		})
	}
	for _, test := range disguises {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, prefix := range []string{"/gw", "/g%77", "/gw/", "/gw/gw/..", "/x/../gw", "/old/../gw"} {
				o := s.send(t, message("POST", prefix+test.target, aCat, asJSON))
				for _, a := range o.Arrived {
					if strings.Contains(a.Target, "/g") { // the prefix was not cut off: another path to every register
						continue
					}
					o.judged(t)
				}
			}
		})
	}
}

func TestTheRootIsAPathLikeOthers(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", "\tvoorpoort {\n\t\trule root / {\n\t\t\ton POST create\n\t\t}\n\t}\n\treverse_proxy {{register}}\n")
	for _, target := range []string{"/", "/?x=1", "http://{host}", "http://{host}/", "http://{host}?x=1"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			e, _ := s.send(t, message("POST", target, aCat, asJSON)).judged(t)
			require.Equal(t, "root.creating", e.Type)
		})
	}
	for _, target := range []string{"//", "/.", "/x/..", "/%2e", "/;x", "/%00", "/%2F", "///"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			s.send(t, message("POST", target, aCat, asJSON)).refused(t, http.StatusBadRequest, "ambiguous_path")
		})
	}
}

// With the preset for any API nearly every path is known, and the same holds.
func TestDisguisesWithRulesForAnyCollection(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", "\tvoorpoort rest\n\treverse_proxy {{register}}\n")
	for _, path := range []string{"/cats", "/cats/1", "/api/cats", "/v1/cats/1", "/api/v2/cats/"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s.send(t, message("PUT", path, aCat, asJSON)).judged(t)
		})
	}
	for _, target := range []string{
		"*", "//cats", "/cats//", "/./cats", "/x/y/z/../../../cats", "/cats%2F1", "/cats;x", `/api\cats`, "/cats%00", "/%2e%2e/cats", "/api/%252e/cats", "/cats%3F",
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			s.send(t, message("PUT", target, aCat, asJSON)).refused(t, http.StatusBadRequest, "ambiguous_path")
		})
	}
}

// The webhook of one schema is asked however the schema is spelled.
func TestAFilterSeesEverySpellingOfAName(t *testing.T) {
	t.Parallel()
	register := listen(t)
	v := interceptor(t, http.StatusUnprocessableEntity, `{"message":"no cats"}`)
	g := start(t, "voorpoort {\n\talias schema cats 12 0b8f6c5e-0000-4000-8000-000000000012\n"+
		webhook("cats", v.URL, "\t\tintercept\n\t\tfilter schema cats")+"}\n", "\tvoorpoort openregister\n\treverse_proxy "+register.address+"\n")
	s := &siege{gate: g, register: register, validator: v}
	for _, schema := range []string{
		"cats", "c%61ts", "%63%61%74%73", "CATS", "Cats", "C%41TS", "12", "%31%32", "0b8f6c5e-0000-4000-8000-000000000012", "0B8F6C5E-0000-4000-8000-000000000012", "cats/",
	} {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			o := s.send(t, message("POST", "/api/objects/pets/"+schema, aCat, asJSON))
			require.Equal(t, http.StatusUnprocessableEntity, o.Status)
			require.Empty(t, o.Arrived)
		})
	}
}
