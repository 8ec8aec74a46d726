package event

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDataExpressionFollowsTheChain(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.DataExpression = `{"n": request.body.n}`
	e := before(t, compile(t, Config{Rules: []Rule{r}}), request("POST", "/a", `{"n":1}`))
	require.Contains(t, string(e.AppendJSON(nil, e.Request.Body)), `"data":{"n":1}}`)
	changed := []byte(`{"n":2}`)
	require.NoError(t, e.Rebase(changed))
	require.Contains(t, string(e.AppendJSON(nil, changed)), `"data":{"n":2}}`)
	require.Contains(t, string(e.AppendJSON(nil, []byte(`{"n":3}`))), `"data":{"n":3}}`)

	broken := []byte(`{"m":2}`)
	require.Error(t, e.Rebase(broken))
	require.Contains(t, string(e.AppendJSON(nil, broken)), `"data":null}`)
	require.NoError(t, new(Event).Rebase(broken), "without an expression there is nothing to do")
}

// TestAnEventIsReadByManyAtOnce is what validating webhooks do; the race detector looks on.
func TestAnEventIsReadByManyAtOnce(t *testing.T) {
	t.Parallel()
	r := post("/a/{id}")
	r.When, r.DataExpression = `request.body.n > 0`, `{"n": request.body.n, "id": params.id}`
	e := before(t, compile(t, Config{Rules: []Rule{r}}), request("POST", "/a/x", `{"n":1}`))
	c, err := CompileCondition(`request.body.n % 2 == 0`)
	require.NoError(t, err)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			body := fmt.Appendf(nil, `{"n":%d}`, i)
			for range 50 {
				even, err := c.Eval(e, body)
				if err != nil || even != (i%2 == 0) {
					t.Errorf("body %d: %v, %v", i, even, err)
				}
				want := fmt.Appendf(nil, `"data":{"id":"x","n":%d}}`, i)
				if got := e.AppendJSON(nil, body); !bytes.HasSuffix(got, want) {
					t.Errorf("body %d: %s", i, got)
				}
				e.Names("id")
			}
		})
	}
	group.Wait()
}
