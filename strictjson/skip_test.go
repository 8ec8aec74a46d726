package strictjson

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSkipStrings has strings of all lengths around those where the way of searching changes, with an escape at each place.
func TestSkipStrings(t *testing.T) {
	t.Parallel()
	for length := range 3*shortString + 1 {
		for at := range length + 1 {
			for _, escape := range []string{"", `\"`, `\\`, `\\\"`, `\\\\`, `\"\"`} {
				text := `"` + strings.Repeat("x", at) + escape + strings.Repeat("y", length-at) + `"`
				require.Equal(t, len(text), Skip([]byte(text), 0), text)
				require.Equal(t, len(text)+2, Skip([]byte("["+text+`],"x"]`), 0), text)
				require.Equal(t, 7+len(text), Skip([]byte(`{"a":[`+text+`}`), 6)+1, text)
				require.Equal(t, len(text)-1, Skip([]byte(text[:len(text)-1]), 0), "unclosed: %s", text)
			}
		}
	}
}

// TestSkipContainers has brackets at all places of a word, in strings and outside.
func TestSkipContainers(t *testing.T) {
	t.Parallel()
	for before := range 17 {
		for after := range 17 {
			for _, inner := range []string{`{}`, `[[]]`, `{"]":"}"}`, `"]}"`, `[{"a":[]}]`, `"\"]"`, `0`, `"_Yy"`} {
				doc := `[` + strings.Repeat(" ", before) + inner + strings.Repeat(" ", after) + `]`
				require.Equal(t, len(doc), Skip([]byte(doc+`]}"]}`), 0), doc)
				require.Equal(t, len(doc), SkipOut([]byte(doc+`]}`), 1, 1), doc)
				require.Equal(t, len(doc)+1, SkipOut([]byte(doc+`}]`), 1, 2), doc)
			}
		}
	}
}
