package caddymodule

import (
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/manage"
)

// attemptNews is what viewers are told of an attempt.
func attemptNews(name string, a *delivery.Attempt) manage.AttemptNews {
	return manage.AttemptNews{
		Webhook: a.Lane, Name: name, EventID: a.Message, EventType: a.Type, EventClass: a.Class,
		URL: a.URL, Method: a.Method, Success: a.Success, Status: a.Status, Reason: string(a.Reason), Error: a.Error,
		Number: a.Number, Duration: a.Duration, Next: a.Next, Replayed: a.Replayed,
	}
}

// laneNews is what viewers are told of a queue.
func laneNews(s *delivery.LaneStatus) manage.LaneNews {
	return manage.LaneNews{Webhook: s.Lane, Name: s.Name, State: string(s.State), Until: s.Until}
}

// interceptionNews is what viewers are told of a webhook that was asked.
func interceptionNews(call *interceptor.Call) manage.InterceptionNews {
	news := manage.InterceptionNews{
		Webhook: call.Webhook, EventID: call.EventID, EventType: call.EventType, Mode: string(call.Mode),
		Outcome: string(call.Outcome), Status: call.Status, Duration: call.Duration,
		Sent: call.Sent, Received: call.Received, Changed: call.Pointers,
	}
	if call.Failure != nil {
		news.Reason = string(call.Reason)
	}
	return news
}
