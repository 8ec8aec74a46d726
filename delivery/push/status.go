package push

import (
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/strictjson"
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
// "server_error: status 500: boom".
func statusText(reason delivery.Reason, status int, answer []byte) string {
	text := string(reason) + ": status " + strconv.Itoa(status)
	if reason == delivery.ReasonRedirect {
		return text + ": redirects are not followed; change the webhook's url"
	}
	if message := messageOf(answer); message != "" {
		return text + ": " + message
	}
	return text
}

// messagePaths are where services put a readable reason, in the order in which
// they are tried: OpenRegister's two, and RFC 9457 section 3.1.
var messagePaths = [][]string{{"message"}, {"error"}, {"error", "message"}, {"detail"}, {"title"}}

// messageOf finds the sentence in a JSON answer, "" when there is none.
func messageOf(answer []byte) string {
	if strictjson.Check(answer, 0) != nil {
		return ""
	}
	for _, path := range messagePaths {
		token, found := strictjson.Get(answer, path...)
		if text, ok := strictjson.Unquote(token); found && ok && text != "" {
			return clean(text)
		}
	}
	return ""
}
