package event

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// urlencodeOverload identifies the function to CEL.
const urlencodeOverload = "urlencode_string"

// urlencodeFunction declares urlencode(string): the text percent-encoded in UTF-8, so that it can stand as one value in a query
// and as one segment of a path. All but the unreserved characters of RFC 3986 section 2.3 is encoded; a space becomes %20.
func urlencodeFunction() cel.EnvOption {
	return cel.Function("urlencode", cel.Overload(urlencodeOverload, []*cel.Type{cel.StringType}, cel.StringType,
		cel.UnaryBinding(func(value ref.Val) ref.Val {
			text, ok := value.(types.String)
			if !ok {
				return types.MaybeNoSuchOverloadErr(value)
			}
			return types.String(urlencoded(string(text)))
		})))
}

// urlencodeCost counts a call by the length of the text: as any function that goes over a text once, a tenth of a unit for
// each character. Left to itself CEL takes every function for constant work.
func urlencodeCost() interpreter.CostTrackerOption {
	return interpreter.OverloadCostTracker(urlencodeOverload, func(args []ref.Val, _ ref.Val) *uint64 {
		cost := uint64(1)
		if text, ok := args[0].(types.String); ok {
			cost += uint64(len(text)) / 10
		}
		return &cost
	})
}

// urlencoded percent-encodes a text.
func urlencoded(text string) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, len(text)+len(text)/4)
	for i := range len(text) {
		c := text[i]
		if unreserved(c) {
			out = append(out, c)
			continue
		}
		out = append(out, '%', digits[c>>4], digits[c&15])
	}
	return string(out)
}

// unreserved reports whether a character means itself everywhere in a URI (RFC 3986 section 2.3).
func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	default:
		return c == '-' || c == '.' || c == '_' || c == '~'
	}
}
