package request

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Restore puts the body back on the request, unchanged but decoded. It can be
// called again, before or after Replace.
func (b *Body) Restore(r *http.Request) { put(r, b.forward, b.changed) }

// Replace puts another JSON document, which strictjson has checked, in the place
// of the body. For a form it is written as a form again; the problem says that
// it cannot be, or that the body is of a type that cannot be changed. The
// request is then as it was before.
func (b *Body) Replace(r *http.Request, document []byte) *Problem {
	switch {
	case b.Opaque != nil:
		return changeProblem("A webhook changed this body, but only JSON and forms can be changed.")
	case b.Form:
		encoded, problem := b.form.encode(document)
		if problem != nil {
			return problem
		}
		document = encoded
	case b.JSON == nil && (b.ContentType == "" || !media{name: b.ContentType}.isJSON()):
		r.Header.Set("Content-Type", "application/json")
	}
	put(r, document, true)
	return nil
}

// put makes data the body of the request, in one way of saying how long it is:
// net/http goes by r.ContentLength, FastCGI by the header field.
func put(r *http.Request, data []byte, changed bool) {
	r.TransferEncoding = nil
	r.Trailer = nil
	for _, name := range []string{"Transfer-Encoding", "Trailer", "Expect", "Content-Encoding"} {
		delete(r.Header, name)
	}
	if changed {
		dropDigests(r.Header)
	}
	r.ContentLength = int64(len(data))
	_, announced := r.Header["Content-Length"]
	if len(data) > 0 || announced {
		r.Header["Content-Length"] = []string{strconv.Itoa(len(data))}
	}
	if len(data) == 0 {
		r.Body, r.GetBody = http.NoBody, nil
		return
	}
	body := &replay{data: data}
	r.Body = body
	r.GetBody = func() (io.ReadCloser, error) {
		// A later handler may have put a body of its own on the request.
		if r.Body != io.ReadCloser(body) {
			return nil, errBodyReplaced
		}
		return &replay{data: data}, nil
	}
}

// digests are the header fields about the bytes of a body (RFC 9530, RFC 3230,
// RFC 1864). They are those of the body as the client encoded it.
var digests = [...]string{"Content-Digest", "Repr-Digest", "Digest", "Content-Md5"}

// covered are the fields that put changes, as a signature over them names them
// (RFC 9421 section 2.1 and the drafts before it).
var covered = [...]string{"digest", "content-md5", "content-length", "content-encoding", "content-type"}

// dropDigests removes what no longer holds: the digests, and a signature that
// covers one. The register sees an unsigned request, not a forged one.
func dropDigests(header http.Header) {
	for _, name := range digests {
		delete(header, name)
	}
	for _, name := range []string{"Signature-Input", "Signature"} {
		if slices.ContainsFunc(header[name], coversBody) {
			delete(header, "Signature-Input")
			delete(header, "Signature")
			return
		}
	}
}

func coversBody(signature string) bool {
	signature = strings.ToLower(signature)
	for _, name := range covered {
		if strings.Contains(signature, name) {
			return true
		}
	}
	return false
}

var (
	errBodyReplaced = errors.New("request: another handler has replaced the body")

	// errBodySpent is what a proxy gets that wants to send a body again which it
	// has sent in pieces.
	errBodySpent = errors.New("request: the body was already sent in part and cannot be sent again; use request_buffers to allow it")
)

// replay is a body that a proxy can send again after it has closed it, although
// the proxy keeps one reader for all its attempts. The reader of a failed
// attempt may still be running when the next one begins, and then two readers
// share this body. What each of them gets must be the whole body or an error,
// and never some bytes of it twice. Hence: a body that was taken in one piece
// starts again after Close, since a piece cannot be shared; one that was taken
// in several pieces ends there.
type replay struct {
	data []byte

	mu     sync.Mutex
	at     int  // bytes taken
	pieces int  // reads that took them
	closed bool // since bytes were taken
}

// Read gives io.EOF together with the last bytes.
func (b *replay) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		if b.pieces > 1 || b.at < len(b.data) {
			return 0, errBodySpent
		}
		b.at, b.pieces, b.closed = 0, 0, false
	}
	n := copy(p, b.data[b.at:])
	if n > 0 {
		b.at += n
		b.pieces++
	}
	if b.at == len(b.data) {
		return n, io.EOF
	}
	return n, nil
}

// Close ends an attempt. One that took nothing, because the connection failed,
// leaves the body as it was.
func (b *replay) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = b.at > 0
	return nil
}
