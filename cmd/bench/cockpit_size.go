package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// cockpit is how much there is to look at.
type cockpit struct{ Webhooks, Messages, Rows int }

// gateWithAPI is a gateway whose API may be used for everything by tailToken.
func gateWithAPI(a addresses) string {
	return strings.Replace(gateWithTail(a), "token read ", "token read,write,replay ", 1)
}

// callAPI calls a route and gives its answer's body.
func callAPI(ctx context.Context, method, address, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address+"/gateway/api/"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+tailToken)
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%w: %s %s answers %d: %.300s", errStatus, method, path, resp.StatusCode, raw)
	}
	return raw, err
}

// hook is a webhook that was made: its number, and the name of its lane.
type hook struct {
	ID   uint64
	UUID string
}

// makeWebhooks writes them as the gateway stores them. They want an event that
// does not come.
func (c cockpit) makeWebhooks(ctx context.Context, s delivery.Store) ([]hook, error) {
	hooks := make([]hook, c.Webhooks)
	return hooks, together(16, c.Webhooks, func(i int) error {
		name := fmt.Sprint("Webhook ", i)
		w := webhook.Webhook{
			UUID: fmt.Sprintf("0190b0c4-0000-7000-8000-%012d", i), Name: name,
			URL: webhook.NewAddress(fmt.Sprintf("http://127.0.0.1:9/hook/%d", i)), Events: []string{fmt.Sprint("nl.voorpoort.never.", i)},
		}
		d, err := s.PutDocument(ctx, delivery.Document{Kind: catalogue.Kind, Key: w.UUID, Data: w.Plain()})
		hooks[i] = hook{d.Number, w.UUID}
		return err
	})
}

// fill writes the webhooks, messages, of which every 20th is dead everywhere, and
// rows of the log, of which a fifth failed.
func (c cockpit) fill(ctx context.Context, s delivery.Store) ([]hook, error) {
	const part = 500
	hooks, err := c.makeWebhooks(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := together(8, (c.Messages+part-1)/part, func(i int) error {
		var all []delivery.Message
		for n := i * part; n < min((i+1)*part, c.Messages); n++ {
			all = append(all, c.message(n, hooks))
		}
		return s.Append(ctx, all...)
	}); err != nil {
		return nil, err
	}
	return hooks, together(8, (c.Rows+part-1)/part, func(i int) error {
		var all []delivery.Outcome
		for n := i * part; n < min((i+1)*part, c.Rows); n++ {
			all = append(all, c.row(n, hooks))
		}
		return s.Finish(ctx, all...)
	})
}

func (c cockpit) message(n int, hooks []hook) delivery.Message {
	m := keptMessage(n, 0)
	m.Event = fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":"/bench","type":"object.created","data":{"n":%d}}`, m.ID, n)
	for i := range cockpitEach {
		t := delivery.Target{Lane: hooks[(n*cockpitEach+i)%len(hooks)].UUID, Skip: "the webhook was off"}
		if n%20 == 0 {
			t.Skip, t.Dead = "", "the receiver answered 410"
		}
		m.Targets = append(m.Targets, t)
	}
	return m
}

func (c cockpit) row(n int, hooks []hook) delivery.Outcome {
	lane := hooks[0].UUID
	if n%2 == 1 {
		lane = hooks[n/2%len(hooks)].UUID
	}
	m := keptMessage(n, 0)
	a := &delivery.Attempt{
		Lane: lane, Message: m.ID, Type: m.Type, Time: time.Now(), Duration: 30 * time.Millisecond, Number: 1,
		URL: "https://receiver.example/hook", Method: http.MethodPost, Success: n%10 > 1, Status: http.StatusOK,
		Response: []byte(`{"status":"accepted","message":"the event was taken"}`),
	}
	if !a.Success {
		a.Status, a.Reason, a.Error, a.Request = http.StatusServiceUnavailable, delivery.ReasonServer, "the receiver answered 503", make([]byte, 512)
	}
	return delivery.Outcome{Lease: delivery.Lease{Lane: lane, Message: &m}, Verdict: delivery.Done, Attempt: a}
}

// paths are the pages: lists from the beginning and from far behind, filtered and
// not, and one thing of each kind.
func (c cockpit) paths(hooks []hook) []string {
	most := strconv.FormatUint(hooks[0].ID, 10)
	return []string{
		"webhooks?limit=50",
		fmt.Sprintf("webhooks?limit=50&offset=%d", c.Webhooks/2),
		"webhooks/" + most,
		"webhooks/logs?limit=50",
		fmt.Sprintf("webhooks/logs?limit=50&offset=%d", c.Rows/2),
		"webhooks/logs?limit=50&success=false",
		fmt.Sprintf("webhooks/logs?limit=50&success=false&offset=%d", c.Rows/10),
		"webhooks/" + most + "/logs?limit=50",
		fmt.Sprintf("webhooks/%s/logs?limit=50&offset=%d", most, c.Rows/4),
		"webhooks/" + most + "/logs/stats",
		"messages?limit=50",
		"dead-letters?limit=50",
		"holds",
		"overview",
		"events/subscriptions?limit=50",
	}
}

// together does n things, so many at a time, until one fails.
func together(workers, n int, do func(i int) error) error {
	next := make(chan int)
	failures := make(chan error, workers)
	stop := make(chan struct{})
	for range workers {
		go func() {
			var failed error
			for i := range next {
				if failed == nil {
					if failed = do(i); failed != nil {
						select {
						case stop <- struct{}{}:
						default:
						}
					}
				}
			}
			failures <- failed
		}()
	}
hand:
	for i := range n {
		select {
		case next <- i:
		case <-stop:
			break hand
		}
	}
	close(next)
	var err error
	for range workers {
		if failed := <-failures; failed != nil {
			err = failed
		}
	}
	return err
}
