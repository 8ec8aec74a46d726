package strictjson

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEqualNumber(t *testing.T) {
	t.Parallel()
	zeros, nines := strings.Repeat("0", 40), strings.Repeat("9", 40)
	for _, same := range [][]string{
		{"5", "5.0", "5.000", "50e-1", "0.5e1", "0.05E+2", "5e0", "5e-0", "5e000", "500e-2"},
		{"0", "-0", "0.0", "-0.00", "0e5", "0e999999999999999999999999", "-0E-1"},
		{"1e400", "10e399", "0.1e401", "1E+400", "1e0400"},
		{"-1.10", "-1.1", "-11e-1", "-0.11e1"},
		{"12345678901234567890", "12345678901234567890.0", "1.234567890123456789e19"},
		{"1e999999999999999999999", "10e999999999999999999998", "0.1e1000000000000000000000"},
		{"1e-999999999999999999999", "10e-1000000000000000000000", "0.1e-999999999999999999998"},
		{"1e1000000000000000000", "10e999999999999999999", "1e+" + zeros + "1000000000000000000"},
		{"1e" + nines, "0.1e1" + zeros, "10e" + nines[1:] + "8"},
		{"1e-" + nines, "10e-1" + zeros},
		{"1e" + zeros, "1", "10" + zeros + "e-41"},
		{"0.0001", "1e-4", "0.00001e1", "1000e-7"},
	} {
		for _, a := range same {
			for _, b := range same {
				require.True(t, EqualNumber([]byte(a), []byte(b)), "%s and %s", a, b)
			}
			if a[0] != '-' && same[0] != "0" {
				require.False(t, EqualNumber([]byte(a), []byte("-"+a)), a)
			}
		}
	}
	for _, different := range [][2]string{
		{"12345678901234567890", "12345678901234567891"},
		{"1e400", "1e401"},
		{"1.10", "1.11"},
		{"0", "1e-999999999999"},
		{"1", "10"},
		{"1e999999999999999999999", "1e999999999999999999998"},
		{"1e999999999999999999999", "1e-999999999999999999999"},
		{"0.1", "0.10001"},
		{"1e9223372036854775807", "1e-9223372036854775808"},
		{"1e18446744073709551616", "1e0"},
		{"105", "15"},
		{"1.05", "1.5"},
	} {
		require.False(t, EqualNumber([]byte(different[0]), []byte(different[1])), different)
		require.False(t, EqualNumber([]byte(different[1]), []byte(different[0])), different)
	}
}

func TestEqualNumberStaysCheap(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 1<<20)
	start := time.Now()
	require.False(t, EqualNumber([]byte("1e999999999"), []byte("1e999999998")))
	require.False(t, EqualNumber([]byte("1e"+long), []byte("1e-"+long)))
	require.True(t, EqualNumber([]byte("1e"+long), []byte("10e"+long[1:]+"8")))
	require.True(t, EqualNumber([]byte(long), []byte(long+".0")))
	require.Less(t, time.Since(start), 5*time.Second)
}

func FuzzEqualNumber(f *testing.F) {
	f.Add("5", "5.0")
	f.Add("-0", "0e7")
	f.Add("1e400", "10e399")
	f.Add("0.001", "1e-3")
	f.Add("12345678901234567890", "1.234567890123456789e19")
	f.Fuzz(func(t *testing.T, a, b string) {
		if KindOf([]byte(a)) != Number || Check([]byte(a), 0) != nil || KindOf([]byte(b)) != Number || Check([]byte(b), 0) != nil {
			return
		}
		a, b = string(trim([]byte(a))), string(trim([]byte(b)))
		got := EqualNumber([]byte(a), []byte(b))
		if got != EqualNumber([]byte(b), []byte(a)) {
			t.Fatalf("EqualNumber(%s, %s) depends on the order", a, b)
		}
		// A number is equal to itself however often the point moves.
		if !strings.ContainsAny(a, ".eE") && !EqualNumber([]byte(a), []byte(a+"00e-2")) {
			t.Fatalf("%s is not %s00e-2", a, a)
		}
		if hugeExponent([]byte(a)) || hugeExponent([]byte(b)) {
			return
		}
		if want := referenceEqualNumber(a, b); got != want {
			t.Fatalf("EqualNumber(%s, %s) = %v", a, b, got)
		}
	})
}
