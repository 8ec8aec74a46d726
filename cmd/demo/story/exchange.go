package story

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// shownHeaders are the headers of an answer that the story is about.
var shownHeaders = []string{"Content-Type", "Location", "Retry-After", "Warning", "Voorpoort-Event-Id"}

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// create asks the gateway to store a cat and prints both sides and what came
// through to the register.
func (s Stage) create(ctx context.Context, cat string) (answer, error) {
	s.Register.Forget()
	s.say("> POST %s", Cats)
	s.say("> %s", cat)
	fmt.Fprintln(s.Out)
	got, err := s.post(ctx, cat)
	if err != nil {
		return answer{}, err
	}
	s.say("< %d %s", got.status, http.StatusText(got.status))
	for _, name := range shownHeaders {
		for _, value := range got.header.Values(name) {
			s.say("< %s: %s", name, value)
		}
	}
	s.quote(got.body)
	fmt.Fprintln(s.Out)
	s.tellReceived()
	return got, nil
}

func (s Stage) post(ctx context.Context, cat string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Gateway+Cats, strings.NewReader(cat))
	if err != nil {
		return answer{}, fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Close = true // as curl does: a reload of the gateway closes idle connections
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("asking the gateway: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// writes returns the bodies of the writes that the register received since the
// last create; the validator's counting is not among them.
func (s Stage) writes() [][]byte {
	var bodies [][]byte
	for _, received := range s.Register.Received() {
		if received.Method != http.MethodGet {
			bodies = append(bodies, received.Body)
		}
	}
	return bodies
}

func (s Stage) tellReceived() {
	bodies := s.writes()
	if len(bodies) == 0 {
		s.say("The register received nothing.")
		return
	}
	for _, body := range bodies {
		s.say("The register received: %s", body)
	}
}

// quote prints an answer: JSON indented, and anything else as it is.
func (s Stage) quote(body []byte) {
	var pretty bytes.Buffer
	if json.Indent(&pretty, bytes.TrimSpace(body), "", "  ") != nil {
		pretty.Reset()
		pretty.Write(body)
	}
	for line := range strings.Lines(pretty.String()) {
		s.say("< %s", strings.TrimRight(line, "\n"))
	}
}
