package request

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Restore puts the body back on the request, unchanged but decoded. It can be
// called again, before or after Replace.
func (b *Body) Restore(r *http.Request) { b.put(r, b.forward, b.changed) }

// Replace puts another JSON document, which strictjson has checked, in the place
// of the body. For a form it is written as a form again; the problem says that
// it cannot be, or that the body is of a type that cannot be changed. The
// request is then as it was before. JSON that came as a form still has nothing
// in it that a reader of forms would take for fields.
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
	case (media{name: b.ContentType}).isForm() && b.JSON != nil:
		document = hideFormSyntax(document)
	case b.JSON == nil && !namesJSON(r.Header):
		r.Header.Set("Content-Type", "application/json")
	}
	b.put(r, document, true)
	return nil
}

// namesJSON tells whether the type that a request without a body has is that of
// the JSON which it gets.
func namesJSON(header http.Header) bool {
	m, problem := parseMedia(header)
	return problem == nil && m.name != "" && m.isJSON() && m.checkCharset() == nil
}

// put makes data the body of the request, in one way of saying how long it is:
// net/http goes by r.ContentLength, FastCGI by the header field.
func (b *Body) put(r *http.Request, data []byte, changed bool) {
	r.TransferEncoding = nil
	r.Trailer = nil
	for _, name := range framing {
		delete(r.Header, name)
	}
	if changed {
		dropDigests(r.Header)
	}
	r.ContentLength = int64(len(data))
	announce(r.Header, len(data))
	if len(data) == 0 {
		r.Body, r.GetBody = http.NoBody, nil
		return
	}
	c := newContent(data)
	c.before, b.given = b.given, c
	r.Body = &c.first
	r.GetBody = func() (io.ReadCloser, error) {
		// A later handler may have put a body of its own on the request.
		if r.Body != io.ReadCloser(&c.first) {
			return nil, errBodyReplaced
		}
		return c.another()
	}
}

// framing are the fields about how the body came, which does not go on like that.
var framing = [...]string{"Transfer-Encoding", "Trailer", "Expect", "Content-Encoding"}

// announce says in the header how long the body is. A request without a body
// says so only if it did before.
func announce(header http.Header, length int) {
	announced, ok := header["Content-Length"]
	if length == 0 && !ok {
		return
	}
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], int64(length), 10)
	if len(announced) != 1 || announced[0] != string(text) {
		header["Content-Length"] = []string{string(text)}
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
