package event

import (
	"strings"
	"time"
)

// Table finds the rule for a request. It is made by [Compile], never changes, and is safe for concurrent use.
type Table struct {
	tree     tree
	phases   [2][]Type // types that rules can produce, by Phase
	methods  []string  // of all rules, each once
	params   []string
	sources  []string // of all rules, each once
	headers  []header
	aliases  aliasIndex
	warnings []string
	links    bool // some expression names public_url
	now      func() time.Time
	newID    func() string
}

// Knows reports whether some rule names the path, for any method.
func (t *Table) Knows(path string) bool {
	_, ok := t.find("", path, 0)
	return ok
}

// Match finds the most specific rules for a method and a percent-encoded path. Methods compare without regard to case,
// because registers exist that do so. It does not allocate.
func (t *Table) Match(method, path string) (Match, bool) {
	if method == "" {
		return Match{}, false
	}
	return t.find(upperMethod(method), path, 0)
}

// MayGive reports whether an event of a type that is wanted may come of a request for this path, whatever its method.
func (t *Table) MayGive(path string, p Phase, wanted func(Type) bool) bool {
	for _, method := range t.methods {
		if m, ok := t.find(method, path, 0); ok && m.MayGive(p, wanted) {
			return true
		}
	}
	return false
}

// find gives the leaf after skip others, from the most to the least specific.
func (t *Table) find(method, path string, skip int) (Match, bool) {
	if !strings.HasPrefix(path, "/") {
		return Match{}, false
	}
	s := search{path: path, method: method, skip: skip}
	leaf := s.from(&t.tree.root, 0)
	if leaf == nil {
		return Match{}, false
	}
	return Match{table: t, path: path, leaf: leaf, skip: skip, params: s.params}, true
}

// TypesOf gives every type that a configured rule can produce on one side of the register's decision, each once and in order of
// declaration. A type whose name depends on a path parameter stands there with the parameter in braces.
func (t *Table) TypesOf(p Phase) []Type {
	return append([]Type(nil), t.phases[p]...)
}

// Sources gives the CloudEvents sources that the events of the configured rules have, each once: nobody else's event may have one.
func (t *Table) Sources() []string {
	return append([]string(nil), t.sources...)
}

// NeedsPublicURL reports whether some rule puts links into events, so that [Exchange.PublicURL] must not be empty.
func (t *Table) NeedsPublicURL() bool { return t.links }

// Warnings gives what an operator should know although the configuration is valid.
func (t *Table) Warnings() []string {
	return append([]string(nil), t.warnings...)
}

// Params gives the names of the path parameters of all rules, each once.
func (t *Table) Params() []string {
	return append([]string(nil), t.params...)
}

// upperMethod gives the upper-case form of a method, without allocating for the usual ones.
func upperMethod(method string) string {
	for i := range len(method) {
		if c := method[i]; 'a' <= c && c <= 'z' {
			return strings.ToUpper(method)
		}
	}
	return method
}
