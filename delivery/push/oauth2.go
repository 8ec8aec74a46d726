package push

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

// Limits of what a token endpoint may say.
const (
	maxTokenAnswer = 64 << 10 // bytes of the answer
	maxToken       = 8 << 10  // bytes of the token, which becomes a header field

	maxLifetime     = 24 * time.Hour
	defaultLifetime = 5 * time.Minute // when the answer has no expires_in
	expiryMargin    = time.Minute     // a token is not used in its last minute
)

var errTokenURL = errors.New("the token URL must be an absolute http or https URL without credentials and fragment")

// tokenEndpoint asks for tokens with the client credentials grant (RFC 6749
// section 4.4).
type tokenEndpoint struct {
	client  client
	url     *url.URL
	form    string
	basic   string // value of Authorization, or ""
	timeout time.Duration
	now     func() time.Time
}

// token is an access token.
type token struct {
	authorization string    // value of the field Authorization
	expires       time.Time // when to have another
}

func newTokenEndpoint(o *webhook.OAuth2, c client, timeout time.Duration, now func() time.Time) (*tokenEndpoint, error) {
	target, err := url.Parse(o.TokenURL.Reveal())
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") ||
		target.Hostname() == "" || target.User != nil || target.Fragment != "" {
		return nil, errTokenURL
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if len(o.Scopes) > 0 {
		form.Set("scope", strings.Join(o.Scopes, " "))
	}
	if o.Audience != "" {
		form.Set("audience", o.Audience)
	}
	e := &tokenEndpoint{client: c, url: target, timeout: timeout, now: now}
	if o.Style == webhook.TokenPost {
		form.Set("client_id", o.ClientID)
		form.Set("client_secret", o.ClientSecret.Reveal())
	} else {
		pair := url.QueryEscape(o.ClientID) + ":" + url.QueryEscape(o.ClientSecret.Reveal())
		e.basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
	}
	e.form = form.Encode()
	return e, nil
}

// fetch makes one request for a token.
func (e *tokenEndpoint) fetch(ctx context.Context) (token, *failure) {
	asked := e.now()
	request := &http.Request{
		Method: http.MethodPost, URL: e.url, Host: e.url.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"},
			"Accept":       {typeJSON},
		},
		Body:          io.NopCloser(strings.NewReader(e.form)),
		ContentLength: int64(len(e.form)),
	}
	if e.basic != "" {
		request.Header["Authorization"] = []string{e.basic}
	}
	response, err := e.client.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cause := classify(ctx, err, e.timeout)
		return token{}, noToken(cause.Error(), 0)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxTokenAnswer+1))
	switch {
	case response.StatusCode != http.StatusOK:
		return token{}, noToken(refusal(response.StatusCode, answer), retryAfter(response.Header, asked))
	case err != nil:
		return token{}, noToken(classify(ctx, err, e.timeout).Error(), 0)
	case len(answer) > maxTokenAnswer || strictjson.Check(answer, 0) != nil:
		return token{}, noToken("the answer is not JSON of reasonable size", 0)
	}
	return readToken(answer, asked)
}

func noToken(detail string, after time.Duration) *failure {
	return &failure{reason: delivery.ReasonAuth, detail: "no token: " + detail, after: after}
}

// refusal names status and error code (RFC 6749 section 5.2). The description
// is left out: servers put what they were sent into it.
func refusal(status int, answer []byte) string {
	text := "the token endpoint gave status " + strconv.Itoa(status)
	if strictjson.Check(answer, 0) != nil {
		return text
	}
	raw, _ := strictjson.Get(answer, "error")
	if code, ok := strictjson.Unquote(raw); ok && isErrorCode(code) {
		return text + ": " + code
	}
	return text
}

// isErrorCode tells whether a text looks like the registered error codes, which
// are a few words with underscores.
func isErrorCode(code string) bool {
	return code != "" && len(code) <= 32 && strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// readToken reads an answer (RFC 6749 section 5.1) that has passed
// strictjson.Check.
func readToken(answer []byte, asked time.Time) (token, *failure) {
	raw, _ := strictjson.Get(answer, "access_token")
	text, ok := strictjson.Unquote(raw)
	if !ok || !isToken(text) {
		return token{}, noToken("the answer has no usable access_token", 0)
	}
	raw, _ = strictjson.Get(answer, "token_type")
	if kind, ok := strictjson.Unquote(raw); ok && !strings.EqualFold(kind, "bearer") {
		return token{}, noToken("the token is not a bearer token", 0)
	}
	lifetime := lifetimeOf(answer)
	lifetime -= min(expiryMargin, lifetime/2)
	return token{authorization: bearerPrefix + text, expires: asked.Add(lifetime)}, nil
}

// isToken tells whether a text can be a bearer token in a header field: visible
// ASCII (RFC 6750 section 2.1 allows less).
func isToken(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return text != "" && len(text) <= maxToken
}

// lifetimeOf reads expires_in, a number of seconds that some servers write as a
// text.
func lifetimeOf(answer []byte) time.Duration {
	raw, found := strictjson.Get(answer, "expires_in")
	text := string(raw)
	if unquoted, ok := strictjson.Unquote(raw); ok {
		text = unquoted
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if !found || err != nil || math.IsNaN(seconds) {
		return defaultLifetime
	}
	return time.Duration(min(max(seconds, 0), maxLifetime.Seconds()) * float64(time.Second))
}
