package manage

import "net/http"

// webhookRoutes are OpenRegister's operations on webhooks, with PATCH and
// resume beside them.
func (h *Handler) webhookRoutes() []route {
	const group = "webhooks"
	one := webhookDocument{}
	change := func(name, method string) route {
		return route{
			Name: name, Method: method, Pattern: "/webhooks/{id}", Scope: Write, Group: group,
			Summary: "Change the members of a webhook that the body has; null takes one away, \"***\" keeps it",
			Request: one, Response: one, Refusals: []int{403, 404, 409, 412}, Serve: h.updateWebhook,
		}
	}
	return []route{
		{
			Name: "listWebhooks", Method: "GET", Pattern: "/webhooks", Scope: Read, Group: group, Summary: "List the webhooks",
			Parameters: []parameter{
				{Name: "limit", Type: "integer", Detail: "length of the page, at most 1000, which is the default"},
				{Name: "offset", Type: "integer", Detail: "webhooks to pass over"},
				{Name: "_limit", Type: "integer", Hidden: true},
				{Name: "_offset", Type: "integer", Hidden: true},
				{Name: "_page", Type: "integer", Hidden: true},
			},
			Response: webhookList{}, Serve: h.listWebhooks,
		},
		{
			Name: "createWebhook", Method: "POST", Pattern: "/webhooks", Scope: Write, Group: group, Summary: "Make a webhook",
			Request: one, Status: http.StatusCreated, Response: one, Refusals: []int{409}, Serve: h.createWebhook,
		},
		{
			Name: "listEventClasses", Method: "GET", Pattern: "/webhooks/events", Scope: Read, Group: group, Summary: "List the event classes of OpenRegister",
			Response: eventClassList{}, Serve: func(w http.ResponseWriter, _ *http.Request) error { return answer(w, http.StatusOK, eventClasses()) },
		},
		{
			Name: "getWebhook", Method: "GET", Pattern: "/webhooks/{id}", Scope: Read, Group: group, Summary: "Get a webhook by id or uuid",
			Response: one, Refusals: []int{404}, Serve: h.getWebhook,
		},
		change("updateWebhook", "PUT"),
		change("patchWebhook", "PATCH"),
		{
			Name: "deleteWebhook", Method: "DELETE", Pattern: "/webhooks/{id}", Scope: Write, Group: group, Summary: "Remove a webhook",
			Status: http.StatusNoContent, Refusals: []int{403, 404, 412}, Serve: h.deleteWebhook,
		},
		{
			Name: "resumeWebhook", Method: "POST", Pattern: "/webhooks/{id}/resume", Scope: Replay, Group: group,
			Summary:  "Let a webhook that is paused, broken or gone send again, now",
			Response: one, Refusals: []int{404, 409}, Serve: h.resumeWebhook,
		},
		{
			Name: "testWebhook", Method: "POST", Pattern: "/webhooks/{id}/test", Scope: Write, Group: group,
			Summary:  "Send a test event now, past filters, enabled and the queue",
			Response: callResult{}, Refusals: []int{404, 409}, Serve: h.testWebhook,
		},
	}
}
