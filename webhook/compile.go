package webhook

import (
	"cmp"
	"net/url"

	"github.com/google/uuid"

	"github.com/voorpoort/voorpoort/event"
)

// Compile checks a webhook and makes it ready for use. It reads the files that
// `tls` names. The error is a [*ValidationError] with every fault that was
// found.
func Compile(w Webhook, d Defaults) (*Hook, error) {
	f := new(faults)
	h := &Hook{UUID: w.UUID, Name: w.Name, Address: w.URL, Disabled: w.Disabled, lane: laneOf(&w)}
	if err := checkName(w.Name); err != nil {
		f.add("/name", "%v", err)
	}
	if w.UUID != "" && (len(w.UUID) != 36 || uuid.Validate(w.UUID) != nil) {
		f.add("/uuid", "must be a UUID such as 0199e2a4-7c00-7000-8000-000000000001")
	}
	h.compileRole(&w, f)
	h.compileStyle(&w, f)
	if h.URL = new(url.URL); !h.Pull {
		h.URL = parseURL(w.URL, "/url", f)
	}
	h.compileFormat(&w, f)
	h.Method = compileMethod(w.Method, h, f)
	h.patterns = compilePatterns(w.Events, f)
	h.headers = compileHeaders(w.Headers, f)
	h.signer = newSigner(&w, f)
	h.filters = compileFilters(w.Filters, f)
	h.attributes, h.source = compileDialects(&w, f), w.Source != ""
	h.condition = compileCondition(w.When, f)
	h.Timeout = between(cmp.Or(w.Timeout, d.Timeout, DefaultTimeout), MinTimeout, MaxTimeout, "/timeout", f)
	h.ContentType = oneOf(cmp.Or(w.ContentType, ContentTypeJSON), contentTypes, "/contentType", f)
	h.Proxy = parseProxy(w.Proxy, f)
	h.Client = compileClient(&w, f)
	h.TLS = compileTLS(w.TLS, h.URL, f)
	h.compileConfiguration(w.Configuration, d, f)
	h.Retry = compileRetry(&w, f)
	h.NoRetry = compileStatuses(w.NoRetryOn, f)
	h.compileOrder(&w, f)
	h.compileCredentials(&w, f)
	if err := f.err(w.Name); err != nil {
		return nil, err
	}
	return h, nil
}

// compilePatterns compiles the events.
func compilePatterns(events []string, f *faults) []*pattern {
	if len(events) > maxEvents {
		f.add("/events", "has %d entries; at most %d are allowed", len(events), maxEvents)
		return nil
	}
	var patterns []*pattern
	for i, text := range events {
		p, err := parsePattern(text)
		if err != nil {
			f.add(element("/events", i), "%v", err)
			continue
		}
		patterns = append(patterns, p)
	}
	return patterns
}

// compileCondition compiles `when`; nil always holds.
func compileCondition(expression string, f *faults) *event.Condition {
	if expression == "" {
		return nil
	}
	condition, err := event.CompileCondition(expression)
	if err != nil {
		f.add("/when", "%v", err)
	}
	return condition
}

// compileConfiguration takes over `configuration`, with its defaults.
func (h *Hook) compileConfiguration(c Configuration, d Defaults, f *faults) {
	for _, setting := range policySettings(&c) {
		oneOf(cmp.Or(*setting.policy, Reject), policies, setting.pointer, f)
	}
	if h.Intercepts {
		h.OnFailure = cmp.Or(c.OnFailure, d.OnFailure, Reject)
		h.OnTimeout = cmp.Or(c.OnTimeout, h.OnFailure)
		h.OnUnreachable = cmp.Or(c.OnUnreachable, h.OnFailure)
	}

	h.Mode = oneOf(cmp.Or(c.Mode, Enforce), modes, "/configuration/mode", f)
	h.Order = c.Order
	h.Breaker = compileBreaker(c.Breaker, f)
	h.MaxAnswer = c.MaxAnswer
	if c.MaxAnswer < 0 || c.MaxAnswer > maxAnswerLimit {
		f.add("/configuration/maxAnswer", "must be from 1 to %d bytes", maxAnswerLimit)
	}
	h.ProcessResponse = c.ProcessResponse
	h.compileResponse(c.ResponseProcessing, f)
}

// compileResponse takes over `responseProcessing`.
func (h *Hook) compileResponse(p ResponseProcessing, f *faults) {
	const pointer = "/configuration/responseProcessing"
	strategy := oneOf(cmp.Or(p.MergeStrategy, Merge), strategies, child(pointer, "mergeStrategy"), f)
	at := child(pointer, "fieldMapping")
	switch count := len(p.FieldMapping); {
	case count > maxMappings:
		f.add(at, "has %d entries; at most %d are allowed", count, maxMappings)
	case count == 0 && strategy == Custom:
		f.add(at, `is required with mergeStrategy "custom"`)
	}
	for _, mapping := range p.FieldMapping {
		if mapping.From == "" || mapping.To == "" {
			f.add(child(at, mapping.From), "needs a path in the answer and a path in the request body")
		}
	}
	if !h.ProcessResponse {
		return
	}
	h.Strategy = strategy
	if strategy == Custom {
		h.Mapping = p.FieldMapping
	}
}

func compileBreaker(b Breaker, f *faults) Breaker {
	compiled := Breaker{
		Failures: max(cmp.Or(b.Failures, DefaultBreakerFailures), 0),
		Pause:    between(cmp.Or(b.Pause, DefaultBreakerPause), MinTimeout, maxBreakerPause, "/configuration/breaker/pause", f),
		MaxPause: between(cmp.Or(b.MaxPause, min(max(b.Pause, DefaultBreakerMaxPause), maxBreakerPause)), MinTimeout, maxBreakerPause, "/configuration/breaker/maxPause", f),
	}
	if compiled.MaxPause < min(compiled.Pause, maxBreakerPause) {
		f.add("/configuration/breaker/maxPause", "is shorter than pause")
	}
	return compiled
}
