package request

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Steps in which memory is taken for a body. An announced length is believed up
// to firstKnown bytes; beyond that, memory grows with what has arrived.
const (
	firstKnown   = 64 << 10
	firstUnknown = 4 << 10
	maxIdleReads = 100 // reads in a row that give neither bytes nor an error
)

var (
	errTooLarge = errors.New("more bytes than the limit")
	errTooLong  = errors.New("more bytes than announced")
)

// intake reads a stream into memory that is counted.
type intake struct {
	lease  *lease
	limit  int64
	memory *Memory // of what was read last
}

// readAll reads source to its end. length is how many bytes it must have, or
// -1. The error is errTooLarge, errTooLong, io.ErrUnexpectedEOF, a *Problem of
// the buffers or an error of source as it is. The context ends the wait for
// memory.
func (in *intake) readAll(ctx context.Context, source io.Reader, length int64) ([]byte, error) {
	bound, first := in.limit, int64(firstUnknown)
	if length >= 0 {
		bound, first = length, firstKnown
	}
	// One byte more than may come, to see whether it does. It is not counted.
	size := min(first, bound+1)
	if err := in.take(ctx, min(size, bound)); err != nil {
		return nil, err
	}
	in.memory = NewMemory(int(size))
	data := in.memory.bytes[:0:size]
	for idle := 0; ; {
		n, err := source.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > bound && length >= 0:
			return nil, errTooLong
		case int64(len(data)) > bound:
			return nil, errTooLarge
		case err == io.EOF && int64(len(data)) < length:
			return nil, io.ErrUnexpectedEOF
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, err
		}
		if n > 0 {
			idle = 0
		} else if idle++; idle == maxIdleReads {
			return nil, io.ErrNoProgress
		}
		if len(data) == cap(data) {
			size = min(2*int64(cap(data)), bound+1)
			if err := in.take(ctx, min(size, bound)-int64(cap(data))); err != nil {
				return nil, err
			}
			data = in.moved(data, int(size))
		}
	}
}

// moved gives the data in more memory. The source has returned from its Read,
// and keeps nothing of the old one.
func (in *intake) moved(data []byte, size int) []byte {
	larger := NewMemory(size)
	data = append(larger.bytes[:0:size], data...)
	in.memory.Recycle()
	in.memory = larger
	return data
}

// take waits for memory only when nothing is held yet: see Buffers.
func (in *intake) take(ctx context.Context, n int64) error {
	var problem *Problem
	if in.lease.held == 0 {
		problem = in.lease.acquire(ctx, n)
	} else {
		problem = in.lease.grow(n)
	}
	if problem != nil {
		return problem
	}
	return nil
}

// readWire reads the body as it came, still encoded.
func (in *intake) readWire(r *http.Request) ([]byte, error) {
	if r.ContentLength > in.limit {
		return nil, tooLargeProblem(in.limit)
	}
	data, err := in.readAll(r.Context(), r.Body, r.ContentLength)
	var limit *http.MaxBytesError
	switch {
	case err == nil:
		_ = r.Body.Close() // read to its end; there is nothing left to fail
		return data, nil
	case errors.Is(err, errTooLarge):
		return nil, tooLargeProblem(in.limit)
	case errors.Is(err, errTooLong), err == io.ErrUnexpectedEOF: //nolint:errorlint // see isUnwrapped
		return nil, incompleteProblem()
	case isUnwrapped(err, &limit):
		return nil, tooLargeProblem(limit.Limit)
	}
	return nil, err
}

// isUnwrapped is errors.As for an error that nobody has wrapped: a limit that
// an earlier handler has turned into its own error is that handler's to report.
func isUnwrapped(err error, target **http.MaxBytesError) bool {
	limit, ok := err.(*http.MaxBytesError) //nolint:errorlint // see above
	*target = limit
	return ok
}

func tooLargeProblem(limit int64) *Problem {
	return &Problem{
		Status: http.StatusRequestEntityTooLarge,
		Reason: ReasonBodyTooLarge,
		Title:  "Body too large",
		Detail: fmt.Sprintf("The body, encoded or decoded, may have at most %d bytes.", limit),
	}
}

func incompleteProblem() *Problem {
	return &Problem{
		Status: http.StatusBadRequest,
		Reason: ReasonBodyIncomplete,
		Title:  "Body incomplete",
		Detail: "The body does not have the length that was announced.",
	}
}
