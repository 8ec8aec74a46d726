package manage

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of pages.
const (
	defaultPage = 50
	maxPage     = 1000 // what a store gives at once
	maxOffset   = 1 << 31
)

// query reads the parameters of a query and collects what is wrong with them.
type query struct {
	values url.Values
	faults []ProblemFault
}

func queryOf(u *url.URL) *query {
	values, err := url.ParseQuery(u.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.fault("query", "is not written as one")
	}
	return q
}

func (q *query) fault(name, detail string) {
	q.faults = append(q.faults, ProblemFault{Parameter: name, Detail: detail})
}

// err is nil when nothing is wrong.
func (q *query) err() error {
	if len(q.faults) == 0 {
		return nil
	}
	return badParameters(q.faults)
}

// text gives the first of the names that has a value.
func (q *query) text(names ...string) string {
	_, value := q.given(names)
	return value
}

func (q *query) given(names []string) (name, value string) {
	for _, name := range names {
		if value := q.values.Get(name); value != "" {
			return name, value
		}
	}
	return names[0], ""
}

// number gives an integer within bounds; standard if there is none.
func (q *query) number(standard, least, most int, names ...string) int {
	name, value := q.given(names)
	if value == "" {
		return standard
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		q.fault(name, "must be an integer from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
		return standard
	}
	return n
}

// limit is the length of the page.
func (q *query) limit() int { return q.number(defaultPage, 1, maxPage, "limit", "_limit") }

// flag gives true or false, also written 1 or 0; nil if it is not there.
func (q *query) flag(name string) *bool { //nolint:unparam // named as the parameters of its siblings are
	value := q.values.Get(name)
	switch value {
	case "":
		return nil
	case "true", "1", "false", "0":
		flag := value == "true" || value == "1"
		return &flag
	}
	q.fault(name, "must be true or false")
	return nil
}

// time gives a time with any offset; zero if there is none.
func (q *query) time(name string) time.Time {
	value := q.values.Get(name)
	if value == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		q.fault(name, "must be a time such as 2026-01-31T12:00:00Z (a + is %2B here)")
	}
	return t
}

// oneOf gives one of a few values; "" if there is none.
func (q *query) oneOf(name string, allowed ...string) string {
	value := q.values.Get(name)
	if value != "" && !slices.Contains(allowed, value) {
		q.fault(name, "must be one of "+strings.Join(allowed, ", "))
		return ""
	}
	return value
}

// cursor gives the parts of a cursor that was given out for lists of a kind;
// nil if there is none.
func (q *query) cursor(kind string, parts int) []string {
	value := q.values.Get("cursor")
	if value == "" {
		return nil
	}
	found, ok := parseCursor(value, kind, parts)
	if !ok {
		q.fault("cursor", "is not one that this list has given out")
	}
	return found
}

// maxCursor is longer than any cursor that is given out.
const maxCursor = 1024

// cursorOf makes a cursor: opaque, so that nobody builds on what is in it. The
// parts have no NUL.
func cursorOf(kind string, parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + "\x00" + strings.Join(parts, "\x00")))
}

// parseCursor reads what cursorOf has made, and nothing else: the decoder would
// pass over the ends of lines.
func parseCursor(text, kind string, parts int) ([]string, bool) {
	if len(text) > maxCursor || strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, false
	}
	found := strings.Split(string(raw), "\x00")
	if found[0] != kind || len(found) != parts+1 {
		return nil, false
	}
	return found[1:], true
}

// position reads a part of a cursor that is a number.
func position(part string) (uint64, bool) {
	n, err := strconv.ParseUint(part, 10, 64)
	return n, err == nil && strconv.FormatUint(n, 10) == part
}

// moment gives a time as answers show it; nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = asShown(t)
	return &t
}

// asShown is a time as answers show it: in UTC, to the millisecond, which is cut
// off, so that what "since" this time selects has what had it.
func asShown(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
