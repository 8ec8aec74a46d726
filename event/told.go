package event

import "net/http"

// Told gives the fields of a request's header that events of this table may tell: what can be kept for events that are made
// later, after a crash for one.
func (t *Table) Told(fields http.Header) http.Header {
	told := make(http.Header, len(t.headers))
	for i := range t.headers {
		if values := fields[t.headers[i].name]; len(values) > 0 {
			told[t.headers[i].name] = append([]string(nil), values...)
		}
	}
	return told
}
