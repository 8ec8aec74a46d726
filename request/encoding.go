package request

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Bounds on decoding.
const (
	maxCodings = 2       // listed in Content-Encoding; each one multiplies the work
	maxWindow  = 8 << 20 // of zstd, as RFC 9659 section 3 has it for HTTP
)

// acceptEncoding tells a client what it may send (RFC 9110 section 12.5.3).
const acceptEncoding = "gzip, zstd, br, identity"

// decoder is one that can be used again.
type decoder interface {
	io.Reader
	Reset(io.Reader) error
}

// Pools of decoders, one for each coding. What a decoder holds of one request
// is gone before it goes back: see free.
var (
	gzipPool   = sync.Pool{New: func() any { return new(gzip.Reader) }}
	brotliPool = sync.Pool{New: func() any { return new(brotli.Reader) }}
	zstdPool   = sync.Pool{New: func() any {
		// Without concurrency a decoder has no goroutines, so that one which
		// the pool drops needs no Close.
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			panic("request: options of the zstd decoder: " + err.Error())
		}
		return d
	}}
)

// poolOf gives the pool of a coding (RFC 9110 section 8.4.1, RFC 7932, RFC
// 8878), or nil for one that is not known.
func poolOf(coding string) *sync.Pool {
	switch coding {
	case "gzip", "x-gzip":
		return &gzipPool
	case "br":
		return &brotliPool
	case "zstd":
		return &zstdPool
	}
	return nil
}

// parseCodings reads Content-Encoding: the codings in the order in which they
// were applied, without identity.
func parseCodings(header http.Header) ([]*sync.Pool, *Problem) {
	values := header["Content-Encoding"]
	if len(values) == 0 {
		return nil, nil
	}
	var pools []*sync.Pool
	for _, value := range values {
		for coding := range strings.SplitSeq(value, ",") {
			coding = strings.ToLower(strings.TrimSpace(coding))
			if coding == "" || coding == "identity" {
				continue
			}
			pool := poolOf(coding)
			if pool == nil || len(pools) == maxCodings {
				return nil, unsupportedEncodingProblem()
			}
			pools = append(pools, pool)
		}
	}
	return pools, nil
}

// decode undoes the codings, the last one first. Neither the result nor
// anything between may be larger than the limit.
func (in *intake) decode(ctx context.Context, encoded []byte, pools []*sync.Pool) ([]byte, error) {
	var source io.Reader = bytes.NewReader(encoded)
	var layers []*layer
	defer func() {
		for _, l := range layers {
			l.free()
		}
	}()
	for _, pool := range slices.Backward(pools) {
		l := &layer{decoder: pool.Get().(decoder), pool: pool, left: in.limit}
		layers = append(layers, l)
		if err := l.decoder.Reset(source); err != nil {
			return nil, in.decodeProblem(layers, err)
		}
		source = l
	}
	data, err := in.readAll(ctx, source, -1)
	if err != nil {
		return nil, in.decodeProblem(layers, err)
	}
	return data, nil
}

// layer is one decoder at work. It counts, because a decoder above it may not
// pass its error on as it is.
type layer struct {
	decoder decoder
	pool    *sync.Pool
	left    int64
}

func (l *layer) Read(p []byte) (int, error) {
	n, err := l.decoder.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

func (l *layer) free() {
	_ = l.decoder.Reset(strings.NewReader("")) // gzip reports the empty input
	l.pool.Put(l.decoder)
}

func (in *intake) decodeProblem(layers []*layer, err error) error {
	if problem, ok := errors.AsType[*Problem](err); ok {
		return problem
	}
	for _, l := range layers {
		if l.left < 0 {
			return tooLargeProblem(in.limit)
		}
	}
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		return tooLargeProblem(in.limit)
	}
	return &Problem{
		Status: http.StatusBadRequest,
		Reason: ReasonInvalidEncoding,
		Title:  "Invalid content coding",
		Detail: "The body is not what its Content-Encoding says, or not all of it is there.",
	}
}

func unsupportedEncodingProblem() *Problem {
	return &Problem{
		Status: http.StatusUnsupportedMediaType,
		Reason: ReasonUnsupportedEncoding,
		Title:  "Unsupported content coding",
		Detail: "The body has a content coding that is not supported here, or too many of them.",
		Header: http.Header{"Accept-Encoding": {acceptEncoding}},
	}
}
