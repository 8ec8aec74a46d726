package console

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// webhooksAtOnce is how many webhooks the gateway gives with one answer.
const webhooksAtOnce = 1000

// shelf is the list of all webhooks.
type shelf struct {
	Results []json.RawMessage `json:"results"`
	Total   int               `json:"total"`
}

// webhooks reads all of them, page by page.
func (s *session) webhooks() (all shelf, err error) {
	all.Results = []json.RawMessage{}
	for {
		var page shelf
		query := url.Values{"limit": {strconv.Itoa(webhooksAtOnce)}, "offset": {strconv.Itoa(len(all.Results))}}
		if _, err := s.get(s.ctx, "webhooks", query, &page); err != nil {
			return all, err
		}
		all.Results, all.Total = append(all.Results, page.Results...), page.Total
		if len(page.Results) < webhooksAtOnce {
			return all, nil
		}
	}
}

// idOf gives what the gateway knows a webhook by that a person may have called by
// its name. What no webhook is called stays as it is: it may be the queue of one
// that was removed.
func (s *session) idOf(reference string) (string, error) {
	if reference == "" || isID(reference) {
		return reference, nil
	}
	all, err := s.webhooks()
	if err != nil {
		return "", err
	}
	for _, raw := range all.Results {
		var w webhook
		if err := decode(raw, &w); err != nil {
			return "", err
		}
		if w.Name == reference {
			return w.ID.String(), nil
		}
	}
	return reference, nil
}

// resolve puts the id into --webhook of the webhook that it names, if the command
// has it.
func (s *session) resolve() error {
	flag := s.cmd.Flags().Lookup("webhook")
	if flag == nil || !flag.Changed {
		return nil
	}
	id, err := s.idOf(flag.Value.String())
	if err != nil {
		return err
	}
	return flag.Value.Set(id)
}

// isID tells numbers and UUIDs (RFC 9562 section 4) from names. A webhook whose
// name looks like one of these is called by its number.
func isID(reference string) bool {
	if _, err := strconv.ParseUint(reference, 10, 64); err == nil {
		return true
	}
	return len(reference) == 36 && strings.Trim(reference, "0123456789abcdefABCDEF-") == "" && strings.Count(reference, "-") == 4
}

// path is where the gateway has a webhook.
func (s *session) path(reference string) (string, error) {
	id, err := s.idOf(reference)
	return "webhooks/" + url.PathEscape(id), err
}
