package request

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// compress applies one coding.
func compress(t testing.TB, coding string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch coding {
	case "gzip", "x-gzip":
		w := gzip.NewWriter(&out)
		_, err = w.Write(data)
		require.NoError(t, w.Close())
	case "br":
		w := brotli.NewWriter(&out)
		_, err = w.Write(data)
		require.NoError(t, w.Close())
	case "zstd":
		w, newErr := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
		require.NoError(t, newErr)
		_, err = w.Write(data)
		require.NoError(t, w.Close())
	default:
		t.Fatal(coding)
	}
	require.NoError(t, err)
	return out.Bytes()
}

func decodeAs(coding string, data []byte, limit int64) ([]byte, error) {
	pools, problem := parseCodings(http.Header{"Content-Encoding": {coding}})
	if problem != nil {
		return nil, problem
	}
	in := intake{lease: &lease{}, limit: limit}
	return in.decode(context.Background(), data, pools)
}

func TestDecode(t *testing.T) {
	t.Parallel()
	document := bytes.Repeat([]byte(`{"name":"Felix"}`), 5000)
	for _, coding := range []string{"gzip", "x-gzip", "br", "zstd"} {
		for range 3 { // a decoder from the pool knows nothing of the last time
			got, err := decodeAs(coding, compress(t, coding, document), int64(len(document)))
			require.NoError(t, err, coding)
			require.Equal(t, document, got)
		}
	}
	twice := compress(t, "br", compress(t, "gzip", document))
	got, err := decodeAs("gzip, BR", twice, 1<<20)
	require.NoError(t, err)
	require.Equal(t, document, got)
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	document := bytes.Repeat([]byte(`{"name":"Felix"}`), 5000)
	for _, coding := range []string{"gzip", "br", "zstd"} {
		whole := compress(t, coding, document)
		for name, data := range map[string][]byte{
			"cut short":    whole[:len(whole)-1],
			"cut in half":  whole[:len(whole)/2],
			"with a tail":  append(bytes.Clone(whole), "tail"...),
			"not encoded":  document,
			"damaged":      damaged(whole),
			"a short tail": append(bytes.Clone(whole), 'x'),
		} {
			_, err := decodeAs(coding, data, 1<<20)
			var problem *Problem
			require.ErrorAs(t, err, &problem, "%s %s", coding, name)
			require.Equal(t, http.StatusBadRequest, problem.Status, "%s %s", coding, name)
			require.Equal(t, ReasonInvalidEncoding, problem.Reason)
		}
		_, err := decodeAs(coding, whole, int64(len(document)-1))
		require.Equal(t, ReasonBodyTooLarge, err.(*Problem).Reason, coding) //nolint:errorlint // never wrapped
	}
}

func damaged(data []byte) []byte {
	data = bytes.Clone(data)
	for i := len(data) / 3; i < len(data)/3+4; i++ {
		data[i] ^= 0x55
	}
	return data
}

// TestDecodeBombs: neither one layer nor one hidden below another may unpack
// more than the limit.
func TestDecodeBombs(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	zeros := make([]byte, 8<<20)
	for _, coding := range []string{"gzip", "br", "zstd"} {
		bomb := compress(t, coding, zeros)
		require.Less(t, len(bomb), limit)
		_, err := decodeAs(coding, bomb, limit)
		require.Equal(t, http.StatusRequestEntityTooLarge, err.(*Problem).Status, coding) //nolint:errorlint // never wrapped
		_, err = decodeAs(coding+", gzip", compress(t, "gzip", bomb), limit)
		require.Equal(t, http.StatusRequestEntityTooLarge, err.(*Problem).Status, coding) //nolint:errorlint // never wrapped
	}
	// Many empty members unpack to nothing, but not on the way.
	empty := bytes.Repeat(compress(t, "gzip", nil), limit/16)
	_, err := decodeAs("gzip, gzip", compress(t, "gzip", empty), limit)
	require.Equal(t, http.StatusRequestEntityTooLarge, err.(*Problem).Status) //nolint:errorlint // never wrapped
}

// TestDecodeWindow: a zstd frame may not ask for more memory than HTTP allows
// it (RFC 9659).
func TestDecodeWindow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithWindowSize(16<<20), zstd.WithEncoderConcurrency(1))
	require.NoError(t, err)
	_, err = w.Write(make([]byte, 17<<20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = decodeAs("zstd", out.Bytes(), 64<<20)
	require.Equal(t, http.StatusRequestEntityTooLarge, err.(*Problem).Status) //nolint:errorlint // never wrapped
}

func TestParseCodings(t *testing.T) {
	t.Parallel()
	for _, none := range []http.Header{nil, {"Content-Encoding": {""}}, {"Content-Encoding": {"identity", " , Identity"}}} {
		pools, problem := parseCodings(none)
		require.Nil(t, problem)
		require.Empty(t, pools)
	}
	for _, bad := range []http.Header{
		{"Content-Encoding": {"deflate"}},
		{"Content-Encoding": {"compress"}},
		{"Content-Encoding": {"gzip;q=1"}},
		{"Content-Encoding": {"gzip", "gzip", "gzip"}},
		{"Content-Encoding": {"gzip, br", "zstd"}},
	} {
		_, problem := parseCodings(bad)
		require.NotNil(t, problem)
		require.Equal(t, 415, problem.Status)
		require.Equal(t, []string{acceptEncoding}, problem.Header["Accept-Encoding"])
	}
}
