package push

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestSafeIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		testID:                   testID,
		"urn:uuid:1/a@b":         "urn:uuid:1/a@b",
		"a.b":                    "a~2Eb",
		"a~2Eb":                  "a~7E2Eb",
		"é \r\n,\"":              "~C3~A9~20~0D~0A~2C~22",
		"":                       "",
		strings.Repeat("a", 200): strings.Repeat("a", 200),
	} {
		require.Equal(t, want, safeID(id))
	}
	long := safeID(strings.Repeat("a", 201))
	require.Len(t, long, len("~sha256-")+64)
	require.NotEqual(t, long, safeID(strings.Repeat("a", 202)))
}

func TestTheIDOfABatchIsThatOfItsMessages(t *testing.T) {
	t.Parallel()
	batch := func(ids ...string) string {
		var leases []delivery.Lease
		for _, id := range ids {
			leases = append(leases, delivery.Lease{Message: &delivery.Message{ID: id}, Attempt: len(id)})
		}
		return callID(leases)
	}
	require.Equal(t, "a", batch("a"))
	require.Equal(t, batch("a", "b"), callID([]delivery.Lease{
		{Message: &delivery.Message{ID: "a"}, Attempt: 7, Replayed: true},
		{Message: &delivery.Message{ID: "b"}},
	}), "whatever the attempt")
	require.NotEqual(t, batch("a", "b"), batch("b", "a"))
	require.NotEqual(t, batch("ab", "c"), batch("a", "bc"))
	require.NotContains(t, batch("a.", "b"), ".")
}

func FuzzSafeID(f *testing.F) {
	f.Add("a.b", "a~2Eb")
	f.Add("", "~")
	f.Fuzz(func(t *testing.T, one, other string) {
		require.Equal(t, one == other, safeID(one) == safeID(other), "different ids stay different")
		for _, c := range []byte(safeID(one)) {
			require.True(t, c > ' ' && c < 0x7f && c != '.' && c != ',')
		}
	})
}
