package event

import "net/http"

// Told gives the fields of a request's header that events of this table may tell: what can be kept for events that are made
// later, after a crash for one.
func (t *Table) Told(fields http.Header) http.Header {
	told := http.Header{}
	all := make([]string, 0, len(fields)) // the values of all fields, which are few
	for i := range t.headers {
		if values := fields[t.headers[i].name]; len(values) > 0 {
			start := len(all)
			all = append(all, values...)
			told[t.headers[i].name] = all[start:len(all):len(all)]
		}
	}
	return told
}
