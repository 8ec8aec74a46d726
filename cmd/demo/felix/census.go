package felix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// countTimeout keeps a register that hangs from holding the validator's caller.
const countTimeout = 2 * time.Second

// maxList is the longest list the validator reads, in bytes.
const maxList = 64 << 20

var errNoList = errors.New("the register did not answer with a list")

// census counts cats by asking the register.
type census struct {
	base   string
	client *http.Client
}

func newCensus(registerURL string) *census {
	return &census{
		base:   strings.TrimSuffix(registerURL, "/"),
		client: &http.Client{Timeout: countTimeout},
	}
}

// count returns how many objects of the collection have the name, the one with
// the given id not counted.
func (c *census) count(ctx context.Context, collection, name, except string) (int, error) {
	target := c.base + collection + "?name=" + url.QueryEscape(name)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("asking the register: %w", err)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("asking the register: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%w: status %d", errNoList, resp.StatusCode)
	}
	var list struct {
		Results []struct {
			ID string `json:"id"`
		} `json:"results"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxList)).Decode(&list); err != nil {
		return 0, fmt.Errorf("%w: %w", errNoList, err)
	}
	count := 0
	for _, cat := range list.Results {
		if cat.ID != except {
			count++
		}
	}
	return count, nil
}
