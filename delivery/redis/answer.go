package redis

import (
	"errors"
	"strconv"
)

// errAnswer says that a script's answer does not have the shape that its header
// promises: the keys are not ours, or another version's.
var errAnswer = errors.New("an answer of an unknown shape: do the keys belong to something else?")

// number reads an element of an answer: an integer, or a score as text.
func number(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case string:
		if f, err := strconv.ParseInt(n, 10, 64); err == nil {
			return f
		}
		f, _ := strconv.ParseFloat(n, 64)
		return int64(f)
	}
	return 0
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// rows cuts a flat list into rows of n elements.
func rows(v any, n int) [][]any {
	flat := list(v)
	all := make([][]any, 0, len(flat)/n)
	for len(flat) >= n {
		all = append(all, flat[:n:n])
		flat = flat[n:]
	}
	return all
}

// element gives an element of an answer, nil if there is none.
func element(answer []any, i int) any {
	if i < len(answer) {
		return answer[i]
	}
	return nil
}
