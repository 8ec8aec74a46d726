package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheIDOfWhatWasMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ answer, location, want string }{
		{`{"uuid":"u","id":"i","url":"/x/w"}`, "/x/l", "u"},
		{`{"id":"i","url":"/x/w"}`, "/x/l", "i"},
		{`{"id":7}`, "", "7"},
		{`{"id":1.50}`, "", "1.50"},
		{`{"id":"","uuid":null,"url":"https://r.example/x/w?v=1#a"}`, "/x/l", "w"},
		{`{"url":"/x/w/"}`, "", "w"},
		{`{"id":{},"url":[]}`, "/x/l%2Fm?q", "l/m"},
		{`{"id":true}`, "l", "l"},
		{`"text"`, "https://r.example/x/l/", "l"},
		{``, "/x/l", "l"},
		{``, "", ""},
		{`{"url":"/"}`, "/", ""},
	} {
		f := &facts{response: &Response{Header: http.Header{"Location": {test.location}}}}
		f.answer.raw = []byte(test.answer)
		require.Equal(t, test.want, f.newID(), "%s %s", test.answer, test.location)
	}
	require.Empty(t, new(facts).newID(), "nobody saw the answer")
}
