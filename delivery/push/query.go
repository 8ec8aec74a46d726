package push

import (
	"errors"
	"strconv"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxQuery bounds the query of a GET, in bytes. Servers refuse far less; it
// keeps a deep document, whose keys are all repeated, from filling the memory.
const maxQuery = 64 << 10

var (
	errQueryTooLong = errors.New("the query would be longer than 65536 bytes")
	errQueryDepth   = errors.New("the data is nested too deeply for a query")
)

// appendQuery appends OpenRegister's standard payload as PHP's http_build_query
// writes it (with PHP_QUERY_RFC3986): nested names in brackets, true and false
// as 1 and 0, null and empty containers left out. Numbers stay as they are
// written, where PHP would write 1.0 as 1.
func appendQuery(dst []byte, in *input) ([]byte, error) {
	data, err := in.data()
	if err != nil {
		return dst, err
	}
	q := query{dst: dst, start: len(dst)}
	q.pair("event", in.eventName())
	q.pair("webhook%5Bid%5D", in.hookID)
	q.pair("webhook%5Bname%5D", in.hookName)
	q.value([]byte("data"), data, 0)
	q.pair("timestamp", string(appendPHPTime(nil, in.at)))
	q.pair("attempt", strconv.Itoa(in.attempt))
	return q.dst, q.err
}

// query writes pairs until the first fault.
type query struct {
	dst   []byte
	start int
	err   error
}

// pair appends a pair; the key is percent-encoded already.
func (q *query) pair(key, text string) {
	if len(q.dst) > q.start {
		q.dst = append(q.dst, '&')
	}
	q.dst = append(append(q.dst, key...), '=')
	q.dst = appendQueryText(q.dst, text)
	if len(q.dst)-q.start > maxQuery {
		q.fail(errQueryTooLong)
	}
}

func (q *query) fail(err error) {
	if q.err == nil {
		q.err = err
	}
}

// value appends the pairs of a value. The keys of what is in it are written
// behind the key, one after the other.
func (q *query) value(key, value []byte, depth int) {
	switch strictjson.KindOf(value) {
	case strictjson.Object:
		for name, member := range strictjson.Members(value) {
			text, _ := strictjson.Unquote(name)
			q.nested(key, text, member, depth)
		}
	case strictjson.Array:
		index := 0
		for element := range strictjson.Elements(value) {
			q.nested(key, strconv.Itoa(index), element, depth)
			index++
		}
	default:
		q.scalar(string(key), value)
	}
}

func (q *query) nested(key []byte, name string, value []byte, depth int) {
	if depth > strictjson.DefaultMaxDepth {
		q.fail(errQueryDepth)
	}
	if q.err == nil {
		key = appendQueryText(append(key, "%5B"...), name)
		q.value(append(key, "%5D"...), value, depth+1)
	}
}

func (q *query) scalar(key string, value []byte) {
	switch strictjson.KindOf(value) {
	case strictjson.String:
		text, _ := strictjson.Unquote(value)
		q.pair(key, text)
	case strictjson.Number:
		q.pair(key, string(value))
	case strictjson.Bool:
		q.pair(key, phpBool(value))
	default: // null is no value
	}
}

func phpBool(token []byte) string {
	if token[0] == 't' {
		return "1"
	}
	return "0"
}
