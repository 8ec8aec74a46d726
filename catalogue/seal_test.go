package catalogue

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	oldKey = strings.Repeat("0f", 32)
	newKey = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
)

func sealer(t testing.TB, current string, previous ...string) *Sealer {
	t.Helper()
	s, err := NewSealer(current, previous...)
	require.NoError(t, err)
	return s
}

func TestKeysAreHexadecimalOrBase64(t *testing.T) {
	t.Parallel()
	raw := []byte(strings.Repeat("\xfb\xff", 16))
	for _, key := range []string{
		hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)), base64.StdEncoding.EncodeToString(raw),
		base64.RawURLEncoding.EncodeToString(raw), " " + base64.RawStdEncoding.EncodeToString(raw) + "\n",
	} {
		s := sealer(t, key)
		require.Equal(t, sealer(t, hex.EncodeToString(raw)).keys[0].mark, s.keys[0].mark, key)
	}
	for _, key := range []string{"", "secret", hex.EncodeToString(raw[:31]), hex.EncodeToString(raw) + "00", strings.Repeat("?", 44)} {
		_, err := NewSealer(oldKey, key)
		require.ErrorIs(t, err, errBadKey)
		if key != "" {
			require.NotContains(t, err.Error(), key, "a key that is nearly right must not show up in a log")
		}
	}
}

func TestWhatIsSealedIsOnlyOpenedInItsPlace(t *testing.T) {
	t.Parallel()
	s := sealer(t, oldKey)
	document := []byte(`{"name":"a","secret":"een-geheim"}`)
	stored := s.seal("webhook", "1", document)
	require.NotContains(t, string(stored), "geheim")
	require.NotEqual(t, stored, s.seal("webhook", "1", document), "nobody sees that two are the same")

	opened, current, err := s.open("webhook", "1", stored)
	require.NoError(t, err)
	require.True(t, current)
	require.Equal(t, document, opened)

	for _, place := range [][2]string{{"webhook", "2"}, {"subscription", "1"}, {"webhoo", "k\x001"}} {
		_, _, err = s.open(place[0], place[1], stored)
		require.ErrorIs(t, err, errTampered, place)
	}
	for i := range stored {
		changed := append([]byte(nil), stored...)
		changed[i] ^= 0x80
		if i == 0 {
			continue // then it is not a sealed document at all
		}
		_, _, err = s.open("webhook", "1", changed)
		require.Error(t, err, "byte %d", i)
	}
	for length := 1; length < len(stored); length++ {
		_, _, err = s.open("webhook", "1", stored[:length])
		require.Error(t, err, "cut to %d", length)
	}
}

func TestAKeyIsReplaced(t *testing.T) {
	t.Parallel()
	document := []byte(`{}`)
	before := sealer(t, oldKey).seal("webhook", "1", document)

	opened, current, err := sealer(t, newKey, oldKey).open("webhook", "1", before)
	require.NoError(t, err)
	require.False(t, current, "it is to be sealed again")
	require.Equal(t, document, opened)

	_, _, err = sealer(t, newKey).open("webhook", "1", before)
	require.ErrorIs(t, err, errOtherKey)
	var none *Sealer
	_, _, err = none.open("webhook", "1", before)
	require.ErrorIs(t, err, errNoKey)
}

func TestWithoutAKeyNothingIsEncrypted(t *testing.T) {
	t.Parallel()
	var none *Sealer
	document := []byte(`{"name":"a"}`)
	require.Equal(t, document, none.seal("webhook", "1", document))
	opened, current, err := none.open("webhook", "1", document)
	require.NoError(t, err)
	require.True(t, current)
	require.Equal(t, document, opened)

	_, current, err = sealer(t, newKey).open("webhook", "1", document)
	require.NoError(t, err, "what was stored before there was a key can be read")
	require.False(t, current, "and is to be encrypted")
}

func FuzzOpen(f *testing.F) {
	s := sealer(f, newKey, oldKey)
	f.Add(s.seal("webhook", "1", []byte(`{}`)))
	f.Add([]byte{sealed})
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		document, _, err := s.open("webhook", "1", stored)
		if err == nil && len(stored) > 0 && stored[0] == sealed {
			again, current, err := s.open("webhook", "1", s.seal("webhook", "1", document))
			require.NoError(t, err)
			require.True(t, current)
			require.Equal(t, string(document), string(again))
		}
	})
}
