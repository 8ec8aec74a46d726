package request

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func BenchmarkReadBody2KiB(b *testing.B) {
	document := []byte(`{"name":"Felix","tags":["` + strings.Repeat("x", 1000) + `","` + strings.Repeat("y", 1000) + `"]}`)
	for _, coding := range []string{"identity", "gzip", "zstd", "br"} {
		b.Run(coding, func(b *testing.B) {
			data := document
			header := http.Header{"Content-Type": {"application/json"}}
			if coding != "identity" {
				data = compress(b, coding, document)
				header.Set("Content-Encoding", coding)
			}
			benchRead(b, header, data)
		})
	}
	b.Run("form", func(b *testing.B) {
		benchRead(b, http.Header{"Content-Type": {formType}}, []byte(strings.Repeat("name[]=Felix+the+cat&", 100)+"last=1"))
	})
}

func benchRead(b *testing.B, header http.Header, data []byte) {
	b.Helper()
	buffers := NewBuffers(DefaultMaxBuffered, 0)
	source := bytes.NewReader(data)
	r := httptest.NewRequest(http.MethodPost, "/api/objects/1/2", http.NoBody)
	closer := io.NopCloser(source)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(data)
		r.Header = header
		r.Body, r.ContentLength = closer, int64(len(data))
		body, err := ReadBody(r, BodyOptions{Buffers: buffers})
		if err != nil {
			b.Fatal(err)
		}
		body.Release()
	}
}
