package redis

import (
	"encoding/binary"
	"errors"
	"time"
)

var errStored = errors.New("redis: what is stored has an unknown form: was it written by a later version?")

// reader reads what is stored, from its beginning. After an error all it gives is
// empty.
type reader struct {
	rest string
	err  error
}

func (r *reader) take(n int) string {
	if n < 0 || n > len(r.rest) {
		r.err = errStored
	}
	if r.err != nil {
		r.rest = ""
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) version() {
	if r.byte() != version {
		r.err = errStored
	}
}

func (r *reader) byte() byte {
	if s := r.take(1); s != "" {
		return s[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if s := r.take(2); s != "" {
		return binary.BigEndian.Uint16([]byte(s))
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if s := r.take(4); s != "" {
		return binary.BigEndian.Uint32([]byte(s))
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if s := r.take(8); s != "" {
		return binary.BigEndian.Uint64([]byte(s))
	}
	return 0
}

// time reads seven bytes of microseconds.
func (r *reader) time() int64 {
	high := int64(r.byte())<<16 | int64(r.uint16())
	return high<<32 | int64(r.uint32())
}

func (r *reader) moment() time.Time {
	seconds, nanos := int64(r.uint64()), int64(r.uint32())
	if nanos >= int64(time.Second) {
		r.err = errStored
	}
	if r.err != nil {
		return time.Time{}
	}
	if t := time.Unix(seconds, nanos); !t.IsZero() {
		return t
	}
	return time.Time{}
}

func (r *reader) text() string {
	return r.take(int(r.uint32()))
}
