package local

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAMarkerInAnEvent shows that an event that looks like a marker does not
// make a torn tail look like damage.
func TestAMarkerInAnEvent(t *testing.T) {
	t.Parallel()
	s := segment{number: 7, salt: 0x1234}
	file := s.marker(s.header(), headerSize)
	torn := len(file)
	forged := segment{number: 7, salt: 0}.marker(nil, int64(torn+20))
	file = append(file, make([]byte, 20)...)
	file = append(file, forged...)
	require.Equal(t, -1, s.markerAfter(file, torn))
	require.Equal(t, torn+20, segment{number: 7}.markerAfter(file, torn))
}

func TestFramesComeBack(t *testing.T) {
	t.Parallel()
	var data []byte
	for i := range 5 {
		data = append(data, frame(kindAppend, bytes.Repeat([]byte{byte(i)}, i*100))...)
	}
	var got [][]byte
	end, err := scan(data, 0, func(k kind, payload []byte, _ int64) error {
		require.Equal(t, kindAppend, k)
		got = append(got, payload)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, len(data), end)
	require.Len(t, got, 5)
	for i, p := range got {
		require.Equal(t, bytes.Repeat([]byte{byte(i)}, i*100), append([]byte{}, p...))
	}
}

// FuzzJournal reads files of a journal with any content: the reader ends, and
// what it gives is what frames were made of.
func FuzzJournal(f *testing.F) {
	s := segment{number: 1, salt: 42}
	file := s.marker(s.header(), headerSize)
	f.Add(file)
	f.Add(append(file, frame(kindHold, []byte("x"))...))
	f.Add(append(append(file, 0, 0, 0, 9), frame(kindHold, []byte("x"))...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, ok := parseHeader(data); ok {
			require.Equal(t, data[:headerSize], h.header())
		}
		_ = guessHead(data, 1)
		from := min(headerSize, len(data))
		size := from
		end, err := scan(data, from, func(k kind, payload []byte, end int64) error {
			size = int(end)
			require.Equal(t, frame(k, payload), data[size-len(payload)-frameSize:size])
			return nil
		})
		require.NoError(t, err)
		require.LessOrEqual(t, size, end)
		require.LessOrEqual(t, end, len(data))
		if at := s.markerAfter(data, end); at >= 0 {
			require.Greater(t, at, end)
		}
	})
}
