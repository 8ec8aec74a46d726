package manage

// logRoutes are OpenRegister's operations on the log, with one row beside them.
func (h *Handler) logRoutes() []route {
	const group = "logs"
	filters := []parameter{
		{Name: "limit", Type: "integer", Detail: "length of the page, 1 to 1000; default 50"},
		{Name: "offset", Type: "integer", Detail: "rows to pass over"},
		{Name: "cursor", Type: "string", Detail: "of the page before: goes on behind it, whatever is new"},
		{Name: "success", Type: "boolean", Detail: "only calls that succeeded, or that failed"},
		{Name: "eventId", Type: "string", Detail: "only of the event with this id"},
		{Name: "type", Type: "string", Detail: "only of events of this type; looks at the newest 10,000 rows"},
		{Name: "since", Type: "date-time", Detail: "only rows written at or after this time"},
		{Name: "until", Type: "date-time", Detail: "only rows written before this time"},
	}
	all := append([]parameter{
		{Name: "webhookId", Type: "string", Detail: "only calls of the webhook with this id or uuid"},
		{Name: "webhook_id", Type: "string", Hidden: true},
	}, filters...)
	return []route{
		{
			Name: "listLogs", Method: "GET", Pattern: "/webhooks/logs", Scope: Read, Group: group, Summary: "List calls, newest first",
			Parameters: all, Response: logList{}, Refusals: []int{404}, Serve: h.listLogs,
		},
		{
			Name: "getLog", Method: "GET", Pattern: "/webhooks/logs/{logId}", Scope: Read, Group: group, Summary: "Get one call",
			Response: logRow{}, Refusals: []int{404}, Serve: h.getLog,
		},
		{
			Name: "retryLog", Method: "POST", Pattern: "/webhooks/logs/{logId}/retry", Scope: Replay, Group: group,
			Summary:  "Make a failed call again, now: the same event, the next attempt",
			Response: callResult{}, Refusals: []int{404, 409, 502}, Serve: h.retryLog,
		},
		{
			Name: "listWebhookLogs", Method: "GET", Pattern: "/webhooks/{id}/logs", Scope: Read, Group: group, Summary: "List calls of a webhook, newest first",
			Parameters: filters, Response: logList{}, Refusals: []int{404}, Serve: h.listWebhookLogs,
		},
		{
			Name: "getWebhookStatistics", Method: "GET", Pattern: "/webhooks/{id}/logs/stats", Scope: Read, Group: group, Summary: "Count the calls of a webhook",
			Response: logStatistics{}, Refusals: []int{404}, Serve: h.getStatistics,
		},
	}
}
