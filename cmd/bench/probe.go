package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

var errNotDone = errors.New("the gateway does not do what the scenario measures")

// probe sends one request through a gateway and checks that the work is done: the
// upstream answers, the services are called, the body is changed or is not, the
// receiver is told. A gateway that skips work would win every comparison.
func (s *stage) probe(ctx context.Context, sc scenario, gateway string) error {
	before, err := s.calls(ctx)
	if err != nil {
		return err
	}
	box, err := s.receivedIfTold(ctx, sc)
	if err != nil {
		return err
	}
	body := document(requestSize)
	resp, err := send(ctx, http.MethodPost, "http://"+gateway+sc.Path, body)
	if err != nil {
		return fmt.Errorf("%s: %w", sc.Name, err)
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // read to its end
	if err != nil {
		return fmt.Errorf("%s: %w", sc.Name, err)
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s: %w: status %d: %.300s", sc.Name, errNotDone, resp.StatusCode, answer)
	}
	received, err := strconv.Atoi(resp.Header.Get(receivedHeader))
	if err != nil {
		return fmt.Errorf("%s: %w: %w", sc.Name, errNotDone, err)
	}
	if (received != len(body)) != sc.Merges {
		return fmt.Errorf("%s: %w: sent %d bytes, the upstream got %d", sc.Name, errNotDone, len(body), received)
	}
	after, err := s.calls(ctx)
	if err != nil {
		return err
	}
	if after-before != sc.Calls {
		return fmt.Errorf("%s: %w: %d calls, not %d", sc.Name, errNotDone, after-before, sc.Calls)
	}
	if sc.Told {
		_, err = s.await(ctx, sc, box, 1)
	}
	return err
}

// calls returns how often the interceptor and the auth service were called.
func (s *stage) calls(ctx context.Context) (int, error) {
	total := 0
	for _, address := range []string{s.at.Interceptor, s.at.Auth} {
		resp, err := send(ctx, http.MethodGet, "http://"+address+"/calls", nil)
		if err != nil {
			return 0, err
		}
		raw, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // read to its end
		if err != nil {
			return 0, fmt.Errorf("asking for calls: %w", err)
		}
		count, err := strconv.Atoi(strings.TrimSpace(string(raw)))
		if err != nil {
			return 0, fmt.Errorf("asking for calls: %w", err)
		}
		total += count
	}
	return total, nil
}

func send(ctx context.Context, method, url string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("sending a request: %w", err)
	}
	return resp, nil
}
