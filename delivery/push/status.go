package push

import (
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
)

// reasonOf classes an HTTP status; "" is success.
func reasonOf(status int) delivery.Reason {
	switch {
	case status >= 200 && status <= 299:
		return ""
	case status >= 300 && status <= 399:
		return delivery.ReasonRedirect
	case status == 401 || status == 403:
		return delivery.ReasonAuth
	case status == 410:
		return delivery.ReasonGone
	case status == 429:
		return delivery.ReasonThrottled
	case status >= 400 && status <= 499:
		return delivery.ReasonClient
	}
	return delivery.ReasonServer
}

// statusText is the error of an answer that is no success, such as
// "server_error: status 500". It has none of the receiver's words, which may tell
// of persons: delivery.Words finds them in the answer.
func statusText(reason delivery.Reason, status int) string {
	text := string(reason) + ": status " + strconv.Itoa(status)
	if reason == delivery.ReasonRedirect {
		text += ": redirects are not followed; change the webhook's url"
	}
	return text
}
