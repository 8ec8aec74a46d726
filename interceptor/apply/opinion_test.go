package apply

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

// patchMaker makes random patches that another implementation of RFC 6902, by other people, carries out as it should. That one
// goes wrong on empty names, on indexes with a sign or leading zeros, on numbers that are spelled in two ways, on null
// and on a scalar as the document, so none of these come up here.
type patchMaker struct{ *rand.Rand }

// value makes a value; deeper ones are simpler.
func (r patchMaker) value(depth int) string {
	switch n := r.IntN(8); {
	case n < 2 && depth > 0:
		var elements []string
		for range r.IntN(4) {
			elements = append(elements, r.value(depth-1))
		}
		return "[" + strings.Join(elements, ",") + "]"
	case n < 5 && depth > 0:
		return r.object(depth)
	default:
		return [...]string{"1", "true", `"x"`, `"a/b~"`}[r.IntN(4)]
	}
}

func (r patchMaker) object(depth int) string {
	var members []string
	for _, name := range []string{"a", "b", "c/d", "e~1"} {
		if r.IntN(2) == 0 {
			members = append(members, fmt.Sprintf("%q:%s", name, r.value(depth-1)))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// pointer makes a pointer, of which the first steps lead to a value of the document as a rule.
func (r patchMaker) pointer(value any, last bool) string {
	var token string
	var inner any
	switch container := value.(type) {
	case map[string]any:
		token = []string{"a", "b", "c/d", "e~1"}[r.IntN(4)]
		inner = container[token]
	case []any:
		i := r.IntN(len(container) + 1)
		token = fmt.Sprint(i)
		if i < len(container) {
			inner = container[i]
		} else if last && r.IntN(2) == 0 {
			token = "-"
		}
	default:
		return ""
	}
	pointer := pointerTo([]string{token})
	if r.IntN(3) > 0 {
		pointer += r.pointer(inner, last)
	}
	return pointer
}

func (r patchMaker) operation(doc any) string {
	path := r.pointer(doc, true)
	switch op := [...]string{opAdd, opAdd, opRemove, opReplace, opMove, opCopy, opTest}[r.IntN(7)]; op {
	case opRemove:
		return fmt.Sprintf(`{"op":"remove","path":%q}`, path)
	case opMove, opCopy:
		return fmt.Sprintf(`{"op":%q,"from":%q,"path":%q}`, op, r.pointer(doc, false), path)
	case opTest:
		if tokens, ok := tokensOf(path); ok && r.IntN(4) > 0 {
			if have, ok := referenceFind(doc, tokens); ok {
				return fmt.Sprintf(`{"op":"test","path":%q,"value":%s}`, path, write(have))
			}
		}
		fallthrough
	default:
		return fmt.Sprintf(`{"op":%q,"path":%q,"value":%s}`, op, path, r.value(2))
	}
}

// TestSecondOpinion compares with another implementation, in case that our reading of RFC 6902 is wrong in the package and in
// its reference alike.
func TestSecondOpinion(t *testing.T) {
	t.Parallel()
	r := patchMaker{rand.New(rand.NewPCG(6902, 6901))}
	p := plan(t, JSONPatch)
	succeeded, failed := 0, 0
	for range 20_000 {
		doc := r.object(3)
		var operations []string
		for range 1 + r.IntN(3) {
			operations = append(operations, r.operation(parse([]byte(doc))))
		}
		patch := "[" + strings.Join(operations, ",") + "]"
		result, err := p.Apply([]byte(doc), []byte(`{"data":`+patch+`}`))
		decoded, otherErr := jsonpatch.DecodePatch([]byte(patch))
		require.NoError(t, otherErr)
		other, otherErr := decoded.Apply([]byte(doc))
		require.Equal(t, otherErr == nil, err == nil, "%s %s: %v, %v", doc, patch, err, otherErr)
		if err != nil {
			failed++
			continue
		}
		succeeded++
		require.True(t, json.Valid(other))
		require.True(t, strictjson.Equal(other, result.Body), "%s %s: %s, %s", doc, patch, result.Body, other)
	}
	require.Greater(t, succeeded, 3000)
	require.Greater(t, failed, 3000)
}
