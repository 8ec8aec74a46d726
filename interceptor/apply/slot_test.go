package apply

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const doc = ` { "a" : [ 10 , 20 ] , "" : { } }`
	for pointer, want := range map[string]slot{
		"":     {found: true, head: 1, start: 1},
		"/a":   {found: true, first: true, before: 2, head: 3, start: 9},
		"/":    {found: true, before: 20, head: 23, start: 28},
		"/b":   {before: 31},
		"//x":  {first: true, before: 29},
		"/a/0": {found: true, array: true, first: true, before: 10, head: 11, start: 11},
		"/a/1": {found: true, array: true, before: 13, head: 16, start: 16},
		"/a/2": {array: true, before: 18},
		"/a/-": {array: true, before: 18},
	} {
		tokens, ok := tokensOf(pointer)
		require.True(t, ok)
		p := patcher{doc: []byte(doc)}
		s, err := p.find(tokens)
		require.NoError(t, err, pointer)
		if !s.found {
			s.head, s.start = 0, 0
		}
		require.Equal(t, want, s, pointer)
		require.LessOrEqual(t, p.work, 2*len(doc)+2*stepWork)
	}
	for pointer, want := range map[string]error{
		"/b/c": ErrNoValue, "/a/3": ErrNoValue, "/a/2/0": ErrNoValue, "/a/-/0": ErrNoValue, "/a/0/0": ErrNoValue, "//0/0": ErrNoValue,
		"/a/00": errBadIndex, "/a/": errBadIndex, "/a/+1": errBadIndex, "/a/x/y": errBadIndex,
	} {
		tokens, _ := tokensOf(pointer)
		p := patcher{doc: []byte(doc)}
		_, err := p.find(tokens)
		require.ErrorIs(t, err, want, pointer)
	}
}

func TestFindCountsItsWork(t *testing.T) {
	t.Parallel()
	p := patcher{doc: []byte(`{"a":{"b":[1,2]},"c":3}`), work: MaxWork - 20}
	_, err := p.find([]string{"a", "b", "0"})
	require.NoError(t, err)
	_, err = p.find([]string{"c"})
	require.ErrorIs(t, err, ErrPatchTooLarge)
}
