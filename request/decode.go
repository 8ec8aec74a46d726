package request

import (
	"context"
	"errors"
	"net/http"
)

// errUnknownCoding says that an answer has a content coding that is not known.
var errUnknownCoding = errors.New("request: unknown content coding")

// DecodeAnswer undoes the content codings (RFC 9110 section 8.4) of a whole
// answer, as ReadBody does it for requests: gzip, br and zstd, at most two, and
// at most limit bytes. Without codings it gives data itself.
func DecodeAnswer(ctx context.Context, header http.Header, data []byte, limit int64) ([]byte, error) {
	codings, problem := parseCodings(header)
	if problem != nil {
		return nil, errUnknownCoding
	}
	if len(codings) == 0 || len(data) == 0 {
		return data, nil
	}
	in := intake{lease: &lease{}, limit: limit}
	return in.decode(ctx, data, codings)
}
