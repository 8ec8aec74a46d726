package request

import (
	"net/http"
	"net/url"
)

// pathOverrides are the header fields from which some frameworks take the path
// of a request: IIS's rewriting modules and Symfony and Zend Framework in its
// wake (CVE-2018-14773, ZF2018-01).
var pathOverrides = [...]string{"X-Original-Url", "X-Rewrite-Url"}

// DropPathOverride removes a field by which a client asks the register to treat
// the request as one for another path, when the rules know either of the two.
// What the register acts on is then the path that the rules saw.
//
// It is meant for every request that may write. Without such a field it costs
// two looks.
func DropPathOverride(r *http.Request, relax Relax, known Lookup) {
	for _, name := range pathOverrides {
		for _, value := range r.Header[name] {
			if overridesPath(r.URL, value, relax, known) {
				delete(r.Header, name)
				break
			}
		}
	}
}

func overridesPath(u *url.URL, value string, relax Relax, known Lookup) bool {
	other, err := url.Parse(value)
	if err != nil {
		return true
	}
	path, named := u.EscapedPath(), other.EscapedPath()
	if path == named {
		return false
	}
	return known.Knows(path) || known.Knows(named) || CheckPath(other, relax, known) != nil
}
