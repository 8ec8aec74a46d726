package e2e_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestABodyOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	s := besiege(t, "max_body 1KiB")
	text := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	s.send(t, message("POST", cats, text(1024), asJSON)).judged(t)
	s.send(t, framed(chunked, inChunks(text(1024), 100))).judged(t)
	s.send(t, message("POST", cats, text(1025), asJSON)).refused(t, http.StatusRequestEntityTooLarge, "body_too_large")
	s.send(t, framed(chunked, inChunks(text(1025), 100))).refused(t, http.StatusRequestEntityTooLarge, "body_too_large")
	s.send(t, message("POST", cats, strings.Repeat("a=b&", 257), asForm)).refused(t, http.StatusRequestEntityTooLarge, "body_too_large")

	// A client that waits for leave to send is not given it.
	for _, length := range []string{"Content-Length: 1025", "Content-Length: 9000000000000000000"} {
		s.send(t, framed(length+"\r\nExpect: 100-continue", "")).refused(t, http.StatusRequestEntityTooLarge, "body_too_large")
	}
	// One that never ends is stopped.
	for _, framing := range []string{"Content-Length: 9000000000000000000", chunked} {
		probe := newProbe()
		connection, reader := s.dial(t)
		s.write(t, connection, probe, framed(framing, ""))
		go func() {
			for err := error(nil); err == nil; {
				_, err = connection.Write([]byte("400\r\n" + strings.Repeat(" ", 1024) + "\r\n"))
			}
		}()
		s.fate(next(t, reader), probe).refused(t, http.StatusRequestEntityTooLarge, "body_too_large")
	}

	// Elsewhere there is no limit.
	large := text(100_000)
	s.send(t, message("POST", "/public", large)).untouched(t, "POST", "/public", large)
}

// What a webhook makes of a body is under the same limit.
func TestAChangeOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	register := listen(t)
	v := interceptor(t, http.StatusOK, `{"data":{"notes":"`+strings.Repeat("x", 2000)+`"}}`)
	g := start(t, globals(webhook("notes", v.URL, "\t\tintercept merge")),
		"\tvoorpoort openregister {\n\t\tmax_body 1KiB\n\t}\n\treverse_proxy "+register.address+"\n")
	s := &siege{gate: g, register: register, validator: v}
	o := s.send(t, message("POST", cats, aCat, asJSON))
	require.GreaterOrEqual(t, o.Status, 400)
	require.Empty(t, o.Arrived)
	require.Equal(t, "application/problem+json", o.Header.Get("Content-Type"))
}

func TestTheDepthOfBodiesIsLimited(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "\tmax_depth 4\n", "\tvoorpoort openregister\n\treverse_proxy {{register}}\n")
	s.send(t, message("POST", cats, `[{"a":[{}]}]`, asJSON)).judged(t)
	p := s.send(t, message("POST", cats, `[{"a":[{"b":[]}]}]`, asJSON)).refused(t, http.StatusBadRequest, "invalid_json")
	require.Equal(t, int64(12), *p.Offset)
}

// The bodies of all requests together have a bound. Who does not fit waits for
// as long as a request may wait, and is then told to come again.
func TestBodiesTogetherAreLimited(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "\tmax_body 32KiB\n\tmax_buffered 96KiB\n\tbudget 1s\n", "\tvoorpoort openregister\n\treverse_proxy {{register}}\n")
	body := `"` + strings.Repeat("x", 32<<10-2) + `"`

	// Clients that send all but the last byte hold what they have sent.
	const clients = 6
	var fates [clients]fate
	var answered sync.WaitGroup
	release := make(chan struct{})
	for i := range clients {
		answered.Go(func() {
			probe := newProbe()
			connection, reader := s.dial(t)
			bytes := s.fill(message("POST", cats, body, asJSON), probe)
			_, _ = connection.Write([]byte(bytes[:len(bytes)-1]))
			head := make(chan answer, 1)
			go func() {
				response, err := http.ReadResponse(reader, nil)
				if err != nil {
					head <- answer{}
					return
				}
				defer response.Body.Close()
				text, _ := io.ReadAll(response.Body)
				head <- answer{Status: response.StatusCode, Header: response.Header, Body: string(text)}
			}()
			select {
			case got := <-head:
				fates[i] = s.fate(got, probe)
			case <-release:
				_, _ = connection.Write([]byte(bytes[len(bytes)-1:]))
				fates[i] = s.fate(<-head, probe)
			}
		})
	}
	time.Sleep(2 * time.Second) // longer than the budget
	o := s.send(t, message("POST", cats, body, asJSON))
	close(release)
	answered.Wait()

	o.refused(t, http.StatusServiceUnavailable, "busy")
	require.NotEmpty(t, o.Header.Get("Retry-After"))
	passed := 0
	for _, f := range fates {
		if f.Status == http.StatusCreated {
			f.judged(t)
			passed++
			continue
		}
		f.refused(t, http.StatusServiceUnavailable, "busy")
		require.NotEmpty(t, f.Header.Get("Retry-After"))
	}
	require.NotZero(t, passed, "somebody was served")
	require.Less(t, passed, clients, "and somebody was not")
	s.send(t, message("POST", cats, body, asJSON)).judged(t) // it is free again
}

// The limit of Caddy's request_body is Caddy's to report.
func TestTheLimitOfRequestBodyIsReportedByCaddy(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", `
	request_body {
		max_size 100
	}
	voorpoort openregister
	reverse_proxy {{register}}
	handle_errors 413 {
		header Content-Type text/plain
		respond "of Caddy: {err.status_code}"
	}
`)
	long := `"` + strings.Repeat("x", 200) + `"`
	for name, bytes := range map[string]string{
		"a length": message("POST", cats, long, asJSON),
		"chunks":   framed(chunked, inChunks(long, 50)),
		"gzip":     message("POST", cats, encoded(t, noise, "gzip"), asJSON, "Content-Encoding: gzip"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := s.send(t, bytes)
			o.closed(t)
			require.Equal(t, http.StatusRequestEntityTooLarge, o.Status)
			require.Equal(t, "of Caddy: 413", o.Body)
			require.Equal(t, "text/plain", o.Header.Get("Content-Type"))
		})
	}
	s.send(t, message("POST", cats, aCat, asJSON)).judged(t)
}

// noise does not get shorter than 100 bytes by coding it.
const noise = `"q8Zx1LmT0vPfWc7RkYdNj3HsEuBgAo5iXtMl9CwKzQrV2eJnSyDbUhFpGa4O6I8qXzTmW1vLcRkPdYjNs3HeFuBgAo5iMtXl9CwQzKrV2eJySnDbUhGpFa4O6I"`
