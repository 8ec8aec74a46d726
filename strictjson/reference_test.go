package strictjson

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The functions of this file are slow and obvious; the fuzz tests compare the package with them.

// referenceValid is what Check promises.
func referenceValid(doc []byte, maxDepth int) bool {
	return json.Valid(doc) && utf8.Valid(doc) && !bytes.HasPrefix(doc, []byte("\uFEFF")) &&
		!referenceLoneSurrogate(string(doc)) && referenceNames(doc, maxDepth)
}

// referenceLoneSurrogate looks for half a surrogate pair among the escapes of a valid document.
func referenceLoneSurrogate(doc string) bool {
	for i := 0; i < len(doc); i++ {
		if doc[i] != '\\' {
			continue
		}
		i++
		if doc[i] != 'u' {
			continue
		}
		unit, _ := strconv.ParseUint(doc[i+1:i+5], 16, 32)
		i += 4
		switch {
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return true
		case unit >= 0xD800 && unit <= 0xDBFF:
			if !strings.HasPrefix(doc[i+1:], `\u`) {
				return true
			}
			low, _ := strconv.ParseUint(doc[i+3:i+7], 16, 32)
			if low < 0xDC00 || low > 0xDFFF {
				return true
			}
			i += 6
		}
	}
	return false
}

// referenceNames tells whether a valid document has no duplicate names and is not nested too deeply.
func referenceNames(doc []byte, maxDepth int) bool {
	if maxDepth < 0 {
		return false
	}
	switch bytes.TrimSpace(doc)[0] {
	case '[':
		if maxDepth == 0 {
			return false
		}
		var elements []json.RawMessage
		if json.Unmarshal(doc, &elements) != nil {
			return false
		}
		for _, element := range elements {
			if !referenceNames(element, maxDepth-1) {
				return false
			}
		}
	case '{':
		if maxDepth == 0 {
			return false
		}
		seen := map[string]bool{}
		decoder := json.NewDecoder(bytes.NewReader(doc))
		_, _ = decoder.Token()
		for decoder.More() {
			token, _ := decoder.Token()
			name := token.(string)
			var value json.RawMessage
			_ = decoder.Decode(&value)
			if seen[name] || !referenceNames(value, maxDepth-1) {
				return false
			}
			seen[name] = true
		}
	}
	return true
}

// referenceParse reads a document into maps, numbers as they are written.
func referenceParse(doc []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

// referenceEqual compares parsed documents.
func referenceEqual(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		return ok && referenceEqualNumber(string(x), string(y))
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !referenceEqual(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for name := range x {
			other, ok := y[name]
			if !ok || !referenceEqual(x[name], other) {
				return false
			}
		}
		return true
	default:
		return a == b
	}
}

// referenceEqualNumber compares numbers with moderate exponents.
func referenceEqualNumber(a, b string) bool {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// hugeExponent tells whether a document holds an exponent that math/big should not be asked about.
func hugeExponent(doc []byte) bool {
	for i, c := range doc {
		if c != 'e' && c != 'E' {
			continue
		}
		rest := bytes.TrimLeft(doc[i+1:], "+-0")
		if skipDigits(rest, 0) > 3 {
			return true
		}
	}
	return false
}
