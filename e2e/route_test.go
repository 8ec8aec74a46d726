package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The gate leaves other routes alone, however odd.
func TestOtherRoutesKeepTheirOddPaths(t *testing.T) {
	t.Parallel()
	besiegeEach(t, "", func(t *testing.T, s *siege) {
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
