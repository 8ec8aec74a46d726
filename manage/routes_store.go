package manage

import "net/http"

// Parameters that several lists have.
var (
	limitParameter  = parameter{Name: "limit", Type: "integer", Detail: "how many at most: 1 to 1000; default 50"}
	cursorParameter = parameter{Name: "cursor", Type: "string", Detail: "where the page before ended"}
	eventParameters = []parameter{
		limitParameter, cursorParameter,
		{Name: "type", Type: "string", Detail: "only events of this type"},
		{Name: "subject", Type: "string", Detail: "only events about this subject"},
		{Name: "source", Type: "string", Detail: "only events of this source"},
		{Name: "since", Type: "date-time", Detail: "only what was stored then or later"},
		{Name: "until", Type: "date-time", Detail: "only what was stored before"},
	}
)

// Refusals of routes that read a body, and of those that also name a thing.
var (
	withBody      = []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}
	withBodyOfOne = append([]int{http.StatusNotFound, http.StatusConflict}, withBody...)
	ofOne         = []int{http.StatusNotFound}
)

// storeRoutes are the routes to what the store keeps.
func (h *Handler) storeRoutes() []route {
	return []route{
		{
			Name: "listMessages", Method: http.MethodGet, Pattern: "/messages", Scope: Read, Group: "messages",
			Summary:    "Messages, newest first; a page may have fewer than limit and not be the last",
			Parameters: eventParameters, Response: page[messageView]{}, Serve: h.listMessages,
		},
		{
			Name: "getMessage", Method: http.MethodGet, Pattern: "/messages/{id}", Scope: Read, Group: "messages",
			Summary:    "Where one event stands, with every attempt",
			Parameters: []parameter{{Name: "source", Type: "string", Detail: "of the event, when several sources have its id"}},
			Response:   messageDetail{}, Refusals: ofOne, Serve: h.getMessage,
		},
		{
			Name: "listDeadLetters", Method: http.MethodGet, Pattern: "/dead-letters", Scope: Read, Group: "dead-letters",
			Summary: "Dead letters, newest first",
			Parameters: []parameter{
				limitParameter, cursorParameter,
				{Name: "webhook", Type: "string", Detail: "only of this webhook"},
				{Name: "state", Type: "string", Detail: "dead, which is the default, or pending: what waits for a webhook that was removed, of which webhook has to name the queue"},
			},
			Response: page[deadLetterView]{}, Serve: h.listDeadLetters,
		},
		{
			Name: "replayDeadLetters", Method: http.MethodPost, Pattern: "/dead-letters/replay", Scope: Replay, Group: "dead-letters",
			Summary: "Deliver many once more, at a rate",
			Request: deadLetterReplay{}, Status: http.StatusAccepted, Response: Job{}, Refusals: withJob, Serve: h.replayDeadLetters,
		},
		{
			Name: "getDeadLetter", Method: http.MethodGet, Pattern: "/dead-letters/{webhook}/{seq}", Scope: Read, Group: "dead-letters",
			Summary: "One dead letter with its attempts", Response: deadLetterDetail{}, Refusals: ofOne, Serve: h.getDeadLetter,
		},
		{
			Name: "replayDeadLetter", Method: http.MethodPost, Pattern: "/dead-letters/{webhook}/{seq}/replay", Scope: Replay, Group: "dead-letters",
			Summary: "Deliver it once more, from the first attempt on", Response: deadLetterState{},
			Refusals: []int{http.StatusNotFound, http.StatusConflict}, Serve: h.replayDeadLetter,
		},
		{
			Name: "discardDeadLetter", Method: http.MethodPost, Pattern: "/dead-letters/{webhook}/{seq}/discard", Scope: Replay, Group: "dead-letters",
			Summary: "Give it up for good", Request: discardRequest{}, Response: deadLetterState{}, Refusals: withBodyOfOne, Serve: h.discardDeadLetter,
		},
		{
			Name: "listHolds", Method: http.MethodGet, Pattern: "/holds", Scope: Read, Group: "holds",
			Summary:    "Writes that are not settled, oldest first",
			Parameters: []parameter{limitParameter}, Response: listing[holdView]{}, Serve: h.listHolds,
		},
		{
			Name: "settleHold", Method: http.MethodPost, Pattern: "/holds/{id}/settle", Scope: Replay, Group: "holds",
			Summary: "Say whether the write happened", Request: settleRequest{}, Response: settledHold{}, Refusals: withBodyOfOne, Serve: h.settleHold,
		},
	}
}

// withJob are the refusals of routes that start a job.
var withJob = append([]int{http.StatusServiceUnavailable}, withBody...)

// gatewayRoutes are the routes to what this gateway does and has seen.
func (h *Handler) gatewayRoutes() []route {
	return []route{
		{
			Name: "replayMessages", Method: http.MethodPost, Pattern: "/replay", Scope: Replay, Group: "replays",
			Summary: "Messages once more to one webhook, at a rate; its events count unless type is given, and its filters do not",
			Request: replayRequest{}, Status: http.StatusAccepted, Response: Job{}, Refusals: withJob, Serve: h.replayMessages,
		},
		{
			Name: "listJobs", Method: http.MethodGet, Pattern: "/jobs", Scope: Read, Group: "replays",
			Summary: "Jobs of this gateway, newest first", Response: listing[Job]{}, Serve: h.listJobs,
		},
		{
			Name: "getJob", Method: http.MethodGet, Pattern: "/jobs/{id}", Scope: Read, Group: "replays",
			Summary: "How far a job is", Response: Job{}, Refusals: ofOne, Serve: h.getJob,
		},
		{
			Name: "cancelJob", Method: http.MethodDelete, Pattern: "/jobs/{id}", Scope: Replay, Group: "replays",
			Summary: "End a job; what is done stays done", Status: http.StatusAccepted, Response: Job{}, Refusals: ofOne, Serve: h.cancelJob,
		},
		{
			Name: "listInterceptions", Method: http.MethodGet, Pattern: "/interceptions", Scope: Read, Group: "interceptions",
			Summary: "What webhooks of this gateway decided lately, newest first",
			Parameters: []parameter{
				limitParameter,
				{Name: "webhook", Type: "string", Detail: "only of this webhook: number, UUID or name"},
				{Name: "outcome", Type: "string", Detail: "only with this outcome"},
				{Name: "before", Type: "string", Detail: "only with an id below this one"},
			},
			Response: listing[interceptionView]{}, Serve: h.listInterceptions,
		},
		{
			Name: "getOverview", Method: http.MethodGet, Pattern: "/overview", Scope: Read, Group: "overview",
			Summary:    "Totals, what needs a person, and an hour of counters",
			Parameters: []parameter{{Name: "window", Type: "integer", Detail: "seconds of the series: 10 to 3600, which is the default"}},
			Response:   Overview{}, Serve: h.getOverview,
		},
		{
			Name: "followNews", Method: http.MethodGet, Pattern: "/stream", Scope: Read, Group: "overview",
			Summary: "What happens, as server-sent events: attempt, interception, lane, webhooks, overview, dropped; Last-Event-ID goes on where a stream ended",
			Parameters: []parameter{
				{Name: "topics", Type: "string", Detail: "of attempts, interceptions, lanes, webhooks and overview, with commas between; default attempts,interceptions,lanes"},
				{Name: "webhook", Type: "string", Detail: "only of this webhook"},
			},
			Response: "", Media: "text/event-stream", Refusals: []int{http.StatusServiceUnavailable}, Serve: h.stream,
		},
		{
			Name: "check", Method: http.MethodPost, Pattern: "/check", Scope: Read, Group: "checks",
			Summary: "Which rule and webhooks a request, or an event, would meet, and why not; nothing is sent",
			Request: CheckRequest{}, Response: CheckReport{}, Refusals: withBody, Serve: h.check,
		},
	}
}
