package event

import (
	"regexp"
	"slices"
	"strings"
)

var (
	labelPattern   = regexp.MustCompile(`^[a-z0-9_-]+$`)
	versionPattern = regexp.MustCompile(`^v[0-9]+$`)
	semverPattern  = regexp.MustCompile(`\.v[0-9]+\.[0-9]+(\.|$)`)
	countryPattern = regexp.MustCompile(`^[a-z]{2}$`)
)

// topDomains are the first labels of types beside those of countries.
var topDomains = []string{"amsterdam", "app", "biz", "cloud", "com", "dev", "edu", "frl", "gov", "info", "int", "io", "mil", "net", "org"}

// kind checks the attribute type.
func (r *review) kind() {
	name, _ := r.text("type")
	if name == "" || strings.ContainsAny(name, " \t\r\n") {
		r.fail("NLV-20", "type", "is missing, has spaces or is not a string")
		return
	}
	labels := strings.Split(name, ".")
	if first := strings.ToLower(labels[0]); len(labels) < 2 || slices.Contains(labels, "") ||
		!countryPattern.MatchString(first) && !slices.Contains(topDomains, first) {
		r.fail("NLV-21", "type", "is not in reverse domain notation, such as nl.brp.persoon-verhuisd")
	} else if len(labels) < 3 || slices.ContainsFunc(labels, func(l string) bool { return !labelPattern.MatchString(l) }) {
		r.warn("NLV-22", "type", "is not nl.<domain>.<event> in lower case")
	}
	r.version(name, labels)
	if slices.ContainsFunc(labels, isOrganisation) {
		r.warn("NLV-25", "type", "has the name of an organisation")
	}
}

// organisations are makers and authorities whose names stand in types that are in use, with "*" at the end for what begins so.
var organisations = []string{"vng", "logius", "conduction", "maykin", "gemeente-*"}

// isOrganisation reports whether a label is the name of an organisation.
func isOrganisation(label string) bool {
	return slices.ContainsFunc(organisations, func(name string) bool {
		prefix, open := strings.CutSuffix(name, "*")
		return label == name || open && strings.HasPrefix(label, prefix)
	})
}

// version checks the labels of a version.
func (r *review) version(name string, labels []string) {
	versions := 0
	for _, label := range labels {
		if versionPattern.MatchString(label) {
			versions++
		}
	}
	if versions > 1 {
		r.fail("NLV-23", "type", "has more than one version")
	}
	if semverPattern.MatchString(name) {
		r.warn("NLV-24", "type", "has a version of several numbers; one is enough")
	}
}
