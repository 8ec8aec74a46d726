package manage

import "net/http"

// eventRoutes are OpenConnector's events (seed 000).
func (h *Handler) eventRoutes() []route {
	return []route{
		{
			Name: "listEvents", Method: http.MethodGet, Pattern: "/events", Scope: Read, Group: "events",
			Summary: "Events, newest first", Parameters: eventParameters, Response: page[eventView]{}, Serve: h.listEvents,
		},
		{
			Name: "postEvent", Method: http.MethodPost, Pattern: "/events", Scope: Write, Group: "events",
			Summary: "Hand in a CloudEvent for all who subscribe to it; the same source and id again changes nothing",
			Request: cloudEvent{}, Response: eventView{}, Refusals: withBody, Serve: h.postEvent,
		},
		{
			Name: "getEvent", Method: http.MethodGet, Pattern: "/events/{id}", Scope: Read, Group: "events",
			Summary: "One event, by position or by the id of the CloudEvent", Response: eventView{}, Refusals: ofOne, Serve: h.getEvent,
		},
		{
			Name: "listEventMessages", Method: http.MethodGet, Pattern: "/events/{id}/messages", Scope: Read, Group: "events",
			Summary: "Where an event went", Response: messagesOfEvent{}, Refusals: ofOne, Serve: h.listEventMessages,
		},
	}
}

// subscriptionRoutes are OpenConnector's subscriptions, and what makes fetching
// safe.
func (h *Handler) subscriptionRoutes() []route {
	const list, one = "/events/subscriptions", "/events/subscriptions/{id}"
	return []route{
		{
			Name: "listSubscriptions", Method: http.MethodGet, Pattern: list, Scope: Read, Group: "events",
			Summary: "All webhooks that are told of events",
			Parameters: []parameter{
				{Name: "limit", Type: "integer", Detail: "length of the page, at most 1000, which is the default"},
				{Name: "offset", Type: "integer", Detail: "subscriptions to pass over"},
				{Name: "_limit", Type: "integer", Hidden: true},
				{Name: "_offset", Type: "integer", Hidden: true},
			},
			Response: subscriptionList{}, Serve: h.listSubscriptions,
		},
		{
			Name: "createSubscription", Method: http.MethodPost, Pattern: list, Scope: Write, Group: "events",
			Summary: "Make a subscription, which is a webhook", Request: subscriptionInput{}, Response: subscriptionView{},
			Refusals: append([]int{http.StatusConflict}, withBody...), Serve: h.createSubscription,
		},
		{
			Name: "getSubscription", Method: http.MethodGet, Pattern: one, Scope: Read, Group: "events",
			Summary: "One subscription", Response: subscriptionView{}, Refusals: ofOne, Serve: h.getSubscription,
		},
		{
			Name: "updateSubscription", Method: http.MethodPut, Pattern: one, Scope: Write, Group: "events",
			Summary: "Change what is given, and leave the rest", Request: subscriptionInput{}, Response: subscriptionView{},
			Refusals: append([]int{http.StatusPreconditionFailed}, withBodyOfOne...), Serve: h.updateSubscription,
		},
		{
			Name: "deleteSubscription", Method: http.MethodDelete, Pattern: one, Scope: Write, Group: "events",
			Summary: "End a subscription; its dead letters stay", Response: subscriptionView{}, Refusals: append([]int{http.StatusPreconditionFailed}, ofOne...), Serve: h.deleteSubscription,
		},
		{
			Name: "listSubscriptionMessages", Method: http.MethodGet, Pattern: one + "/messages", Scope: Read, Group: "events",
			Summary: "What a subscription was told, newest first", Parameters: []parameter{limitParameter},
			Response: messagesOfSubscription{}, Refusals: ofOne, Serve: h.listSubscriptionMessages,
		},
		{
			Name: "pullMessages", Method: http.MethodGet, Pattern: one + "/pull", Scope: Read, Group: "events",
			Summary: "Fetch what is not acknowledged, oldest first",
			Parameters: []parameter{
				{Name: "limit", Type: "integer", Detail: "how many at most: 1 to 1000; default 100"},
				{Name: "cursor", Type: "string", Detail: "only what comes behind it; not with lease"},
				{Name: "lease", Type: "integer", Detail: "seconds, 1 to 3600, for which no other caller with a lease gets these messages; needs the scope write as well. Without it nothing changes"},
			},
			Response: pulledMessages{}, Refusals: []int{http.StatusNotFound, http.StatusMethodNotAllowed}, Changes: leases, Serve: h.pull,
		},
		{
			Name: "acknowledgeMessages", Method: http.MethodPost, Pattern: one + "/acknowledge", Scope: Write, Group: "events",
			Summary: "Say that messages have arrived: all up to a cursor, or some by id",
			Request: acknowledgement{}, Response: acknowledged{}, Refusals: withBodyOfOne, Serve: h.acknowledge,
		},
	}
}

// leases tells whether a pull asks for messages that others then do not get.
func leases(r *http.Request) bool { return queryOf(r.URL).text("lease") != "" }

// cloudEvent is what is posted, for the document (CloudEvents 1.0.2, JSON event
// format section 3).
type cloudEvent struct {
	SpecVersion     string `json:"specversion" required:"true"`
	ID              string `json:"id" required:"true"`
	Source          string `json:"source" required:"true"`
	Type            string `json:"type" required:"true"`
	Subject         string `json:"subject"`
	Time            string `json:"time"`
	DataContentType string `json:"datacontenttype"`
	DataSchema      string `json:"dataschema"`
	Data            any    `json:"data"`
}
