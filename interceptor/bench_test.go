package interceptor_test

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
)

// BenchmarkIntercept asks one webhook over loopback, whose server allocates
// nothing, so that the allocations are the gate's. The body has 2 KiB.
func BenchmarkIntercept(b *testing.B) {
	body := `{"name":"` + strings.Repeat("x", 2000) + `"}`
	for name, c := range map[string]struct {
		answer  string
		options object
	}{
		"approve": {"HTTP/1.1 204 No Content\r\n\r\n", nil},
		"merge": {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 34\r\n\r\n" +
			`{"data":{"checked":true,"by":"x"}}`, merging(nil)},
	} {
		b.Run(name, func(b *testing.B) {
			gate := newGate(b, interceptor.Config{}, hook(b, "check", "http://"+repeating(b, c.answer), c.options))
			e := creating(b, body)
			b.ReportAllocs()
			for b.Loop() {
				d, err := gate.Intercept(b.Context(), e)
				if err != nil || d.Block != nil || d.Changed != (name == "merge") {
					b.Fatal(err, d.Block, d.Changed)
				}
				d.Recycle()
			}
		})
	}
}

// repeating is the address of a server that gives the same answer to every
// request whose body ends in two closing braces.
func repeating(b *testing.B, answer string) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	b.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		buf := make([]byte, 64<<10)
		for n := 0; ; {
			m, err := c.Read(buf[n:])
			if err != nil {
				return
			}
			if n += m; bytes.HasSuffix(buf[:n], []byte("}}")) {
				n = 0
				if _, err := c.Write([]byte(answer)); err != nil {
					return
				}
			}
		}
	}()
	return l.Addr().String()
}
