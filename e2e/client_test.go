package e2e_test

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// answer is what a client got.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// send makes an ordinary request. Headers are given as "Name: value".
func send(t testing.TB, method, url, body string, headers ...string) answer {
	t.Helper()
	got, err := try(t, method, url, body, headers...)
	require.NoError(t, err)
	return got
}

// insist makes a request, and again if the connection was closed without an
// answer. That happens for a moment after a change of configuration: the old
// server no longer handles what it reads (net/http's conn.serve).
func insist(t testing.TB, method, url, body string, headers ...string) answer {
	t.Helper()
	for range 10 {
		got, err := try(t, method, url, body, headers...)
		if err == nil {
			return got
		}
		require.True(t, isUnanswered(err), "%v", err)
	}
	t.Fatal("the connection was closed ten times")
	return answer{}
}

// afterReload makes a request until its answer is one of the new
// configuration: the old server may take a last connection after the change has
// been reported.
func afterReload(t testing.TB, isNew func(answer) bool, method, url, body string) answer {
	t.Helper()
	var got answer
	require.Eventually(t, func() bool {
		got = insist(t, method, url, body)
		return isNew(got)
	}, 20*time.Second, 5*time.Millisecond, "the new configuration does not come into force")
	return got
}

// isUnanswered tells whether a server closed a connection instead of answering.
func isUnanswered(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "server closed idle connection")
}

// sendLater makes a request beside the test. An error comes as an answer
// without a status.
func sendLater(t testing.TB, method, url, body string, headers ...string) <-chan answer {
	t.Helper()
	later := make(chan answer, 1)
	go func() {
		got, err := try(t, method, url, body, headers...)
		if err != nil {
			got.Body = err.Error()
		}
		later <- got
	}()
	return later
}

func try(t testing.TB, method, url, body string, headers ...string) (answer, error) {
	t.Helper()
	return tryWith(t, http.DefaultClient, method, url, body, headers...)
}

// tryWith makes a request with the transport and the patience of a client, by
// default 30 s.
func tryWith(t testing.TB, client *http.Client, method, url, body string, headers ...string) (answer, error) {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, reader)
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := (&http.Client{Transport: client.Transport, Timeout: cmp.Or(client.Timeout, 30*time.Second), CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}).Do(request)
	if err != nil {
		return answer{}, err
	}
	return receive(response)
}

// post creates an object in the sample register.
func post(t testing.TB, g *gateway, body string, headers ...string) answer {
	t.Helper()
	return send(t, http.MethodPost, g.URL+"/api/objects/pets/cats", body, headers...)
}

// postInsisting does so after a change of configuration; see insist.
func postInsisting(t testing.TB, g *gateway, body string) answer {
	t.Helper()
	return insist(t, http.MethodPost, g.URL+"/api/objects/pets/cats", body)
}

// raw writes bytes to the gateway as they are, and reads one answer.
func raw(t testing.TB, g *gateway, bytes string) answer {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", g.address)
	require.NoError(t, err)
	defer connection.Close()
	require.NoError(t, connection.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(connection, bytes)
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	return read(t, response)
}

func read(t testing.TB, response *http.Response) answer {
	t.Helper()
	got, err := receive(response)
	require.NoError(t, err)
	return got
}

func receive(response *http.Response) (answer, error) {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}, err
}
