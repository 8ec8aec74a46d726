package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxValueDepth bounds nesting in the result of a data_expression.
const maxValueDepth = 2 * strictjson.DefaultMaxDepth

// decodedBody is a body as CEL sees it.
type decodedBody struct {
	body  uint64
	value any
}

// decode gives a body as CEL sees it and keeps it for the next expression on the same body. No body is null.
func (e *Event) decode(body []byte) (any, error) {
	if len(body) == 0 {
		return types.NullValue, nil
	}
	if e.facts != nil && len(body) == len(e.Request.Body) && &body[0] == &e.Request.Body[0] {
		return e.facts.body.decoded()
	}
	mark := fingerprint(body)
	if known := e.decodedBody.Load(); known != nil && known.body == mark {
		return known.value, nil
	}
	value, err := decodeValue(body)
	if err != nil {
		return nil, err
	}
	e.decodedBody.Store(&decodedBody{body: mark, value: value})
	return value, nil
}

// decodeValue gives a JSON value as CEL sees it. Whole numbers become int, or uint when they are too large; others become
// double, infinite when they are beyond its range.
func decodeValue(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errors.New("the body is not JSON")
	}
	return withNumbers(value), nil
}

// withNumbers replaces the texts of numbers by numbers, in place where it can.
func withNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		return number(string(v))
	case []any:
		for i := range v {
			v[i] = withNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = withNumbers(v[name])
		}
	case nil:
		return types.NullValue
	}
	return value
}

// number gives the value of a JSON number.
func number(text string) any {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return n
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return math.NaN()
	}
	return f
}

// appendValue appends a CEL value as JSON. Bytes become base64, times RFC 3339, an absent optional null; object members are
// in order of name.
func appendValue(dst []byte, value ref.Val, depth int) ([]byte, error) {
	if depth > maxValueDepth {
		return dst, fmt.Errorf("the result is nested more than %d deep", maxValueDepth)
	}
	switch v := value.(type) {
	case types.Null:
		return append(dst, "null"...), nil
	case types.Bool:
		return strconv.AppendBool(dst, bool(v)), nil
	case types.Int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case types.Uint:
		return strconv.AppendUint(dst, uint64(v), 10), nil
	case types.Double:
		return appendDouble(dst, float64(v))
	case types.String:
		return strictjson.AppendQuote(dst, string(v)), nil
	case types.Bytes:
		return strictjson.AppendQuote(dst, base64.StdEncoding.EncodeToString(v)), nil
	case types.Timestamp:
		return strictjson.AppendQuote(dst, v.UTC().Format(time.RFC3339Nano)), nil
	case *types.Optional:
		if !v.HasValue() {
			return append(dst, "null"...), nil
		}
		return appendValue(dst, v.GetValue(), depth)
	case traits.Mapper:
		return appendMap(dst, v, depth)
	case traits.Lister:
		return appendList(dst, v, depth)
	default:
		return dst, fmt.Errorf("the result holds a %s, which JSON cannot tell", value.Type().TypeName())
	}
}

// appendDouble appends a number in the shortest form that reads back the same.
func appendDouble(dst []byte, v float64) ([]byte, error) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return dst, errors.New("the result holds a number beyond the range of a double")
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64), nil
}

func appendList(dst []byte, list traits.Lister, depth int) ([]byte, error) {
	dst = append(dst, '[')
	first := true
	for it := list.Iterator(); it.HasNext() == types.True; {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		if dst, err = appendValue(dst, it.Next(), depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendMap(dst []byte, m traits.Mapper, depth int) ([]byte, error) {
	var names []string
	for it := m.Iterator(); it.HasNext() == types.True; {
		name, ok := it.Next().(types.String)
		if !ok {
			return dst, errors.New("the result holds an object with a key that is not a string")
		}
		names = append(names, string(name))
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strictjson.AppendQuote(dst, name)
		dst = append(dst, ':')
		var err error
		if dst, err = appendValue(dst, m.Get(types.String(name)), depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}
