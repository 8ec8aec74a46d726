package strictjson

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadingDoesNotAllocate runs alone: allocations of other tests would be counted as well.
func TestReadingDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("pools are not dependable under the race detector")
	}
	small := []byte(`{"a":[1,2,{"b":"\u00e9","\u0063":"x"}]}`)
	many, nested := []byte(object(2000, "name", `{"a":[]}`)), []byte(object(300, `\u0061`, object(30, "x", "1")))
	turned := []byte(`{"b":{"y":2.0,"x":1},"a":[]}`)
	for name, read := range map[string]func() bool{
		"check a small document": func() bool { return Check(small, 0) == nil },
		"check many names":       func() bool { return Check(many, 0) == nil },
		"check nested objects":   func() bool { return Check(nested, 0) == nil },
		"get": func() bool {
			_, ok := Get(small, "a", "2", "c")
			return ok
		},
		"name":   func() bool { return NameIs([]byte(`"\ud83d\ude00\n"`), "😀\n") },
		"number": func() bool { return EqualNumber([]byte("1e999999999"), []byte("10e999999998")) },
		"equal":  func() bool { return Equal([]byte(`{"a":[],"b":{"x":1,"y":2}}`), turned) },
		"members": func() bool {
			n := 0
			for range Members(turned) {
				n++
			}
			for range Elements(small) {
				n++
			}
			return n == 2
		},
		"index": func() bool {
			x := NewIndex(turned)
			defer x.Release()
			return x.Find([]byte(`"a"`)) == 1
		},
	} {
		require.Zero(t, testing.AllocsPerRun(20, func() {
			if !read() {
				t.Error(name)
			}
		}), name)
	}
}
