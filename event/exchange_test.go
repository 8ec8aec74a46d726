package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatHappened: only an answer of success says that the register acted; without one, only who asked the register may.
func TestWhatHappened(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ex   Exchange
		want bool
	}{
		"informational":        {Exchange{Response: &Response{Status: 199}}, false},
		"success":              {Exchange{Response: &Response{Status: 200}}, true},
		"the last success":     {Exchange{Response: &Response{Status: 299}}, true},
		"elsewhere":            {Exchange{Response: &Response{Status: 300}}, false},
		"not modified":         {Exchange{Response: &Response{Status: 304}}, false},
		"refused":              {Exchange{Response: &Response{Status: 403}}, false},
		"refused, recovered":   {Exchange{Response: &Response{Status: 403}, Recovered: true}, false},
		"nobody saw an answer": {Exchange{}, false},
		"nobody, but it is so": {Exchange{Recovered: true}, true},
		"nobody can tell":      {Exchange{Outcome: "unknown"}, true},
	} {
		require.Equal(t, test.want, test.ex.happened(), name)
	}
}

func TestTheBoundOfAnEvent(t *testing.T) {
	t.Parallel()
	for configured, want := range map[int]int{0: DefaultMaxEvent, 100: 100, -1: 0} {
		require.Equal(t, want, (&Exchange{MaxEvent: configured}).maxEvent())
	}
}

// TestTheSameExchangeGivesTheSameEvents: receivers recognise by id what is told once more after a crash.
func TestTheSameExchangeGivesTheSameEvents(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{listRule(nil)}})
	play := func(id string) (ids []string) {
		ex := answered(request("POST", "/things/1", ""), 200, `{"things":[{"n":1},{"n":2},{"n":3}]}`)
		ex.ID = id
		for _, e := range after(t, table, ex) {
			ids = append(ids, e.ID)
		}
		return ids
	}
	first := play("0195fd2c-1111-7000-8000-000000000001")
	require.Len(t, first, 3)
	require.Equal(t, first, play("0195fd2c-1111-7000-8000-000000000001"))
	require.NotContains(t, play("0195fd2c-1111-7000-8000-000000000002"), first[1])
	require.Equal(t, []string{testID, testID, testID}, play(""), "without one the table gives them")
}
