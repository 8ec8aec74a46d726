package manage

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/strictjson"
)

var errNotLookedUp = errors.New("manage: a check asks the register nothing")

// CheckRules says what rules and webhooks make of a request, without sending
// anything. ok is false when no rule recognises it; the report says so.
//
// What follows the write is reckoned as if the register had taken the request
// and answered with what it was sent. Events that need more, such as the thing
// as it was before, are left out.
func CheckRules(ctx context.Context, rules *event.Table, entries []catalogue.Entry, r CheckRequest) (report CheckReport, ok bool, err error) {
	request, err := r.request()
	if err != nil {
		return CheckReport{}, false, err
	}
	report = CheckReport{Types: []string{}, Webhooks: []CheckWebhook{}}
	match, ok := rules.Match(request.Method, request.Path)
	if ok {
		match, ok, err = match.Choose(request) //nolint:contextcheck // expressions are bounded by their cost
	}
	if err != nil || !ok {
		return report, false, evaluationProblem(err)
	}
	report.Rule = match.Rule()
	before, asks, err := match.Before(request) //nolint:contextcheck // as above
	if err != nil {
		return report, false, evaluationProblem(err)
	}
	if asks {
		report.Event = before.AppendJSON(nil, request.Body) //nolint:contextcheck // as above
		report.Types = append(report.Types, before.Type.Name)
	}
	after, _ := match.After(ctx, exchangeOf(request)) // those that could be made
	for _, e := range after {
		report.Types = append(report.Types, e.Type.Name)
	}
	report.Webhooks = checkAll(entries, before, after, request.Body)
	return report, true, nil
}

// evaluationProblem tells of an expression that cannot be evaluated for the
// request, which the gateway would refuse.
func evaluationProblem(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*event.EvaluationError](err); ok {
		return invalid(fault{"/body", "would be refused, as " + err.Error()})
	}
	return err
}

// request is the request as rules see it.
func (c *CheckRequest) request() (*event.Request, error) {
	path, query, _ := strings.Cut(c.Path, "?")
	r := &event.Request{Method: strings.ToUpper(c.Method), Path: path, Query: query, Header: http.Header{}}
	for name, value := range c.Headers {
		r.Header.Add(name, value)
	}
	body := c.Document()
	r.ContentType = r.Header.Get("Content-Type")
	if len(body) > 0 {
		if err := strictjson.Check(body, strictjson.DefaultMaxDepth); err != nil {
			return nil, invalid(fault{"/body", "is not JSON without duplicate members: " + err.Error()})
		}
		r.Body = body
	}
	return r, nil
}

// exchangeOf is the write as it goes well.
func exchangeOf(r *event.Request) *event.Exchange {
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	return &event.Exchange{
		Request:  r,
		Response: &event.Response{Status: status, Header: http.Header{}, Body: r.Body},
		Fetch:    func(context.Context, string) ([]byte, error) { return nil, errNotLookedUp },
	}
}

// checkAll asks each webhook about the event that concerns it: the one before
// the write, or of those after it the first that it would be told of.
func checkAll(entries []catalogue.Entry, before *event.Event, after []*event.Event, body []byte) []CheckWebhook {
	checks := make([]CheckWebhook, len(entries))
	for i := range entries {
		var mine []*event.Event
		switch {
		case subscribes(&entries[i]):
			mine = after
		case before != nil:
			mine = []*event.Event{before}
		}
		if len(mine) == 0 {
			checks[i] = newCheck(&entries[i])
			checks[i].Why = []CheckReason{{"/configuration/interceptRequests", "the rule has no event on this side of the write"}}
		}
		for n, e := range mine {
			if one := checkHook(&entries[i], e, body); n == 0 || one.Matches && !checks[i].Matches {
				checks[i] = one
			}
		}
	}
	sortChecks(checks)
	return checks
}
