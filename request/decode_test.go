package request

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"
)

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestDecodeAnswer(t *testing.T) {
	t.Parallel()
	plain := []byte(`{"id":1}`)
	got, err := DecodeAnswer(t.Context(), http.Header{}, plain, 100)
	require.NoError(t, err)
	require.Equal(t, plain, got)

	coded := http.Header{"Content-Encoding": {"gzip"}}
	got, err = DecodeAnswer(t.Context(), coded, gzipped(t, string(plain)), 100)
	require.NoError(t, err)
	require.Equal(t, plain, got)

	_, err = DecodeAnswer(t.Context(), coded, gzipped(t, string(plain)), 4)
	require.Error(t, err, "over the limit")
	_, err = DecodeAnswer(t.Context(), coded, plain, 100)
	require.Error(t, err, "no gzip at all")
	_, err = DecodeAnswer(t.Context(), http.Header{"Content-Encoding": {"compress"}}, plain, 100)
	require.ErrorIs(t, err, errUnknownCoding)
}
