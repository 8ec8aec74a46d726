package e2e_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
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

// besiegeBoth starts one gate for each transport that can stand between it and
// the register. Both must write what the gate has decided, and nothing else.
func besiegeBoth(t *testing.T, servers string, test func(t *testing.T, s *siege)) {
	t.Helper()
	for _, transport := range []string{"http", "voorpoort"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			test(t, besiegeSite(t, servers, "", "\tvoorpoort openregister\n\treverse_proxy {{register}} {\n\t\ttransport "+transport+"\n\t}\n"))
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

// closed: the client was refused, by us or by the server below us, and nobody
// heard of it.
func (o fate) closed(t *testing.T) {
	t.Helper()
	require.True(t, o.Status == 0 || o.Status >= 400, "%d %s", o.Status, o.Body)
	require.Empty(t, o.Arrived, "the register must not hear of a refused request")
	require.Empty(t, o.Asked, "the validator must not hear of it either")
}

// refused: the gate said why in a problem document, and nobody heard of it.
func (o fate) refused(t *testing.T, status int, reason string) refusal {
	t.Helper()
	require.Equal(t, status, o.Status, o.Body)
	o.closed(t)
	require.Equal(t, "application/problem+json", o.Header.Get("Content-Type"))
	require.NoError(t, strictjson.Check([]byte(o.Body), 0))
	var p refusal
	require.NoError(t, json.Unmarshal([]byte(o.Body), &p))
	require.Equal(t, "urn:voorpoort:problem:"+reason, p.Type)
	require.Equal(t, status, p.Status)
	require.NotEmpty(t, p.Title)
	require.NotEmpty(t, p.Detail)
	return p
}

// refusal is a problem document (RFC 9457) as a client reads it.
type refusal struct {
	Type, Title, Detail string
	Status              int
	Offset              *int64
}

// judged: the validator was asked about exactly what arrived at the register.
func (o fate) judged(t *testing.T) (cloudEvent, arrival) {
	t.Helper()
	require.Equal(t, http.StatusCreated, o.Status, o.Body)
	require.Len(t, o.Asked, 1, "the validator must be asked once")
	require.Len(t, o.Arrived, 1, "the register must get the request once")
	e, a := o.Asked[0], o.Arrived[0]
	path, query, _ := strings.Cut(a.Target, "?")
	require.Equal(t, e.Data.Method, a.Method, "the method")
	require.Equal(t, e.Data.Method, lenientMethod(t, a), "the method to a register that honours overrides")
	require.Equal(t, segments(t, e.Data.Path), segments(t, path), "the path")
	require.Equal(t, e.Data.Path, path)
	require.Equal(t, e.Data.Headers["Content-Type"], a.Header.Get("Content-Type"), "the type")
	sameBody(t, e, a)
	sameFraming(t, a)
	for name := range e.Data.QueryParams {
		require.True(t, strings.Contains(query, url.QueryEscape(name)) || strings.Contains(query, name), "the register gets the parameter %s", name)
	}
	return e, a
}

// refusedOrJudged is the invariant of the gate: two decisions on the same bytes
// may never differ.
func (o fate) refusedOrJudged(t *testing.T) {
	t.Helper()
	if o.Status == 0 || o.Status >= 400 {
		o.closed(t)
		return
	}
	o.judged(t)
}

// untouched: the gate had no business with the request, and the register got
// it as it was.
func (o fate) untouched(t *testing.T, method, target, body string) arrival {
	t.Helper()
	require.Equal(t, http.StatusCreated, o.Status, o.Body)
	require.Empty(t, o.Asked)
	require.Len(t, o.Arrived, 1)
	a := o.Arrived[0]
	require.Equal(t, []string{method, target, body}, []string{a.Method, a.Target, a.Body})
	return a
}

// segments are those of a path, each decoded once.
func segments(t *testing.T, path string) []string {
	t.Helper()
	parts := strings.Split(path, "/")
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		require.NoError(t, err, "a path that reaches the register is percent-encoded")
		parts[i] = decoded
	}
	return parts
}

// sameBody compares what the validator was shown with what arrived: JSON to the
// byte, a form as the object that it stands for, other bodies as base64.
func sameBody(t *testing.T, e cloudEvent, a arrival) {
	t.Helper()
	media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	form := strings.EqualFold(media, "application/x-www-form-urlencoded")
	switch {
	case e.Data.BodyBase64 != "":
		decoded, err := base64.StdEncoding.DecodeString(e.Data.BodyBase64)
		require.NoError(t, err)
		require.Equal(t, string(decoded), a.Body)
	case a.Body == "" && !form:
		require.Contains(t, []string{"", "null"}, string(e.Data.Body))
	case form && !json.Valid([]byte(a.Body)):
		require.JSONEq(t, formAsObject(t, a.Body), string(e.Data.Body))
	default:
		require.NoError(t, strictjson.Check([]byte(a.Body), 0), "what reaches the register is strict JSON: %q", a.Body)
		require.Equal(t, string(e.Data.Body), strings.Trim(a.Body, " \t\r\n")) // encoding/json cuts white space around a value
	}
}

// formAsObject reads a form with the standard library.
func formAsObject(t *testing.T, form string) string {
	t.Helper()
	values, err := url.ParseQuery(form)
	require.NoError(t, err)
	object := map[string]any{}
	for name, list := range values {
		base, brackets := strings.CutSuffix(name, "[]")
		object[base] = list
		if len(list) == 1 && !brackets {
			object[base] = list[0]
		}
	}
	document, err := json.Marshal(object)
	require.NoError(t, err)
	return string(document)
}

// sameFraming: one length, that of the bytes, and nothing left of how the
// client had wrapped them.
func sameFraming(t *testing.T, a arrival) {
	t.Helper()
	if a.Body != "" {
		require.Equal(t, []string{strconv.Itoa(len(a.Body))}, a.values("Content-Length"))
	}
	for _, name := range []string{"Transfer-Encoding", "Content-Encoding", "Expect", "Trailer", "Upgrade"} {
		require.Empty(t, a.values(name), "the register must not get %s", name)
	}
	require.NotContains(t, strings.ToLower(a.Head), "\r\ntransfer-encoding:")
	require.Empty(t, a.Trailer)
}

// lenientMethod is the method that the most lenient framework would act on.
func lenientMethod(t *testing.T, a arrival) string {
	t.Helper()
	method := strings.ToUpper(a.Method)
	if method != http.MethodPost {
		return method
	}
	for name, values := range a.Header {
		switch strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name)) {
		case "x-http-method-override", "x-http-method", "x-method-override":
			return strings.ToUpper(values[0])
		}
	}
	_, query, _ := strings.Cut(a.Target, "?")
	for _, pairs := range []string{query, a.Body} {
		values, _ := url.ParseQuery(pairs)
		for name, list := range values {
			if strings.EqualFold(name, "_method") {
				return strings.ToUpper(list[0])
			}
		}
	}
	var document map[string]any
	if json.Unmarshal([]byte(a.Body), &document) == nil {
		for name, value := range document {
			if named, ok := value.(string); ok && strings.EqualFold(name, "_method") {
				return strings.ToUpper(named)
			}
		}
	}
	return method
}
