package push

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter keeps a receiver from silencing its lane for ever.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads a Retry-After field: seconds or a date (RFC 9110 section
// 10.2.3). A value that is neither, or that has passed, is 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if value[0] >= '0' && value[0] <= '9' {
		return secondsAfter(value)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), maxRetryAfter)
}

func secondsAfter(value string) time.Duration {
	if strings.Trim(value, "0123456789") != "" {
		return 0
	}
	seconds, err := strconv.ParseUint(value, 10, 32)
	if err != nil { // more than a hundred years
		return maxRetryAfter
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}
