package e2e_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// siege is a gate with a register behind it and a validator beside it that
// approves of everything. Each attack carries a probe, an id of its own in a
// header field, so that what the three have seen of it can be laid side by side.
type siege struct {
	gate      *gateway
	register  *wire
	validator *service
}

const probeHeader = "X-Probe"

var lastProbe atomic.Int64

// besiege starts one. The options go into the voorpoort directive.
func besiege(t *testing.T, options string) *siege {
	t.Helper()
	return besiegeSite(t, "", "", "\tvoorpoort openregister {\n"+options+"\n\t}\n\treverse_proxy {{register}}\n")
}

// besiegeEach starts one gate for each proxy that can stand between it and the
// register. All must write what the gate has decided, and nothing else.
func besiegeEach(t *testing.T, servers string, test func(t *testing.T, s *siege)) {
	t.Helper()
	for name, proxy := range map[string]string{
		"http":      "reverse_proxy {{register}}",
		"voorpoort": "reverse_proxy {{register}} {\n\t\ttransport voorpoort\n\t}",
		"proxy":     "voorpoort_proxy {{register}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, besiegeSite(t, servers, "", "\tvoorpoort openregister\n\t"+proxy+"\n"))
		})
	}
}

// besiegeSite starts one with a site of the test's own, in which {{register}}
// stands for the register's address, and with further global options.
func besiegeSite(t *testing.T, servers, limits, site string) *siege {
	t.Helper()
	s := &siege{register: listen(t), validator: interceptor(t, http.StatusNoContent, "")}
	global := servers + "\nvoorpoort {\n\theaders Content-Type " + probeHeader + "\n" + limits +
		"\twebhook validator {\n\t\turl " + s.validator.URL + "\n\t\tevents *\n\t\tintercept\n\t}\n}\n"
	s.gate = start(t, global, strings.ReplaceAll(site, "{{register}}", s.register.address))
	t.Cleanup(func() {
		for _, a := range s.register.all() {
			if a.Broken || len(a.values(probeHeader)) == 0 {
				t.Errorf("this reached the register and is of no attack: %q", a.Head)
			}
		}
	})
	return s
}

// message writes a request with a body as its bytes. {probe} and {host} in it
// are filled in when it is sent.
func message(method, target, body string, fields ...string) string {
	fields = append([]string{"Host: {host}", probeHeader + ": {probe}", "Content-Length: " + strconv.Itoa(len(body))}, fields...)
	return method + " " + target + " HTTP/1.1\r\n" + strings.Join(fields, "\r\n") + "\r\n\r\n" + body
}

const (
	asJSON = "Content-Type: application/json"
	asForm = "Content-Type: application/x-www-form-urlencoded"

	cats   = "/api/objects/pets/cats" // POST creates
	minoes = cats + "/1"              // POST, PUT and PATCH update, DELETE deletes
)

// fate is what came of one attack: what the client got, what the validator
// was asked and what the register received.
type fate struct {
	answer
	Asked   []cloudEvent
	Arrived []arrival
}

// send sends a request as its bytes and waits for the answer. A connection that
// is closed without one counts as a refusal, with status 0.
func (s *siege) send(t *testing.T, bytes string) fate {
	t.Helper()
	probe := newProbe()
	connection, reader := s.dial(t)
	defer connection.Close()
	_, _ = io.WriteString(connection, s.fill(bytes, probe)) // it may be refused before all of it is written
	method, _, _ := strings.Cut(bytes, " ")
	request := &http.Request{Method: method}
	response, err := http.ReadResponse(reader, request)
	for err == nil && response.StatusCode == http.StatusContinue {
		response, err = http.ReadResponse(reader, request)
	}
	if err != nil {
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "there must be an answer in time")
		return s.fate(answer{}, probe)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body) // the server may reset a connection that has more bytes than it wants
	return s.fate(answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}, probe)
}

func decimal(n int) string { return strconv.Itoa(n) }

func hexadecimal(n int) string { return strconv.FormatInt(int64(n), 16) }

func newProbe() string { return "probe-" + decimal(int(lastProbe.Add(1))) + "-" }

func (s *siege) fill(bytes, probe string) string {
	return strings.NewReplacer("{probe}", probe, "{host}", s.gate.address).Replace(bytes)
}

func (s *siege) fate(got answer, probe string) fate {
	o := fate{answer: got, Arrived: s.register.probed(probe)}
	for _, e := range s.validator.events() {
		if e.Data.Headers[probeHeader] == probe {
			o.Asked = append(o.Asked, e)
		}
	}
	return o
}

// dial opens a connection for attacks that one exchange cannot say.
func (s *siege) dial(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.gate.address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	require.NoError(t, connection.SetDeadline(time.Now().Add(20*time.Second)))
	return connection, bufio.NewReader(connection)
}

// write sends bytes on such a connection.
func (s *siege) write(t *testing.T, connection io.Writer, probe, bytes string) {
	t.Helper()
	_, err := io.WriteString(connection, s.fill(bytes, probe))
	require.NoError(t, err)
}

// next reads one answer from such a connection.
func next(t *testing.T, reader *bufio.Reader) answer {
	t.Helper()
	response, err := http.ReadResponse(reader, nil)
	require.NoError(t, err)
	return read(t, response)
}
