package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	// callPatience bounds one call; a test of a webhook waits for its receiver.
	callPatience = 150 * time.Second

	// maxAnswer bounds what is read of an answer, in bytes.
	maxAnswer = 64 << 20
)

var errNoAddress = &UsageError{"where is the gateway? Give --address, or set VOORPOORT_ADDRESS, " +
	"to where voorpoort_api is mounted, such as https://register.example.nl/gateway"}

// client calls the management API of one gateway.
type client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// newClient makes a client for the address where the API is mounted, with a token
// from a file or, without one, from the environment.
func newClient(address, tokenFile string) (*client, error) {
	if address == "" {
		return nil, errNoAddress
	}
	base, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" {
		return nil, usage("the address must be an http or https URL without user and query, such as https://register.example.nl/gateway")
	}
	token := os.Getenv(tokenVariable)
	if tokenFile != "" {
		content, err := os.ReadFile(tokenFile) //nolint:gosec // it is the user's own
		if err != nil {
			return nil, usage("the token cannot be read: %v", err)
		}
		token = string(content)
	}
	return &client{base: base, token: strings.TrimSpace(token), http: &http.Client{
		// A redirect would take the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// call makes one call and gives the body of the answer. body is sent as JSON
// unless it is nil.
func (c *client) call(ctx context.Context, method, path string, query url.Values, body any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	response, err := c.send(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	return content, nil
}

// get reads a document.
func (c *client) get(ctx context.Context, path string, query url.Values, into any) (json.RawMessage, error) {
	raw, err := c.call(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return nil, err
	}
	return raw, decode(raw, into)
}

func decode(raw json.RawMessage, into any) error {
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("what answers there is not a gateway: %w", err)
	}
	return nil
}

// send makes a call; the answer is a success whose body is the caller's to close.
func (c *client) send(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	request, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return nil, context.Canceled
		}
		return nil, &UnreachableError{c.base.String(), cause(err)}
	}
	if response.StatusCode >= 200 && response.StatusCode < 300 {
		return response, nil
	}
	defer response.Body.Close()
	return nil, problem(response)
}

func (c *client) request(ctx context.Context, method, path string, query url.Values, body any) (*http.Request, error) {
	target := c.base.JoinPath("/", "api", path)
	target.RawQuery = query.Encode()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, usage("%v", err)
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), content)
	if err != nil {
		return nil, usage("%v", err)
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, nil
}

// cause is why there was no answer, without the URL, which the error names.
func cause(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

// problem reads a refusal, whoever it comes from.
func problem(response *http.Response) error {
	p := &ProblemError{}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if content, err := io.ReadAll(io.LimitReader(response.Body, 1<<20)); err == nil && strings.HasSuffix(kind, "json") {
		_ = json.Unmarshal(content, p) // what cannot be read is told by its status
	}
	p.Status = response.StatusCode
	return p
}
