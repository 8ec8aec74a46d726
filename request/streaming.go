package request

import (
	"mime"
	"net/http"
	"slices"
	"strings"
)

// CheckStreaming refuses a request on an intercepted route that is not one
// whole message with one answer: CONNECT and upgrades to another protocol (400),
// media types of endless bodies, such as application/grpc and text/event-stream
// (415), and a write of a range, of which a webhook would see a part only (400).
//
// The offer of h2c, which some clients make on every request and which a server
// is free to ignore (RFC 9113 section 3.1), is removed instead.
func CheckStreaming(r *http.Request) *Problem {
	if r.Method == http.MethodConnect {
		return connectProblem()
	}
	if upgrade := r.Header["Upgrade"]; len(upgrade) > 0 || hasToken(r.Header["Connection"], "upgrade") {
		if len(upgrade) != 1 || !strings.EqualFold(strings.TrimSpace(upgrade[0]), "h2c") {
			return streamingProblem(http.StatusBadRequest, "A change to another protocol is not possible here.")
		}
		dropUpgrade(r.Header)
	}
	if len(r.Header["Content-Range"]) > 0 {
		return &Problem{
			Status: http.StatusBadRequest,
			Reason: ReasonPartialContent,
			Title:  "Partial content refused",
			Detail: "A write of a part of a resource cannot be checked. Send the whole of it.",
		}
	}
	if slices.ContainsFunc(r.Header["Content-Type"], isEndless) {
		return streamingProblem(http.StatusUnsupportedMediaType, "A body without an end cannot be checked.")
	}
	return nil
}

// dropUpgrade removes an offer to change the protocol. Connection loses only
// the names that belong to it.
func dropUpgrade(header http.Header) {
	header.Del("Upgrade")
	header.Del("HTTP2-Settings")
	var kept []string
	for _, value := range header["Connection"] {
		for token := range strings.SplitSeq(value, ",") {
			token = strings.TrimSpace(token)
			if token != "" && !strings.EqualFold(token, "upgrade") && !strings.EqualFold(token, "http2-settings") {
				kept = append(kept, token)
			}
		}
	}
	header.Del("Connection")
	if len(kept) > 0 {
		header.Set("Connection", strings.Join(kept, ", "))
	}
}

func hasToken(values []string, token string) bool {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// isEndless tells whether a media type is one of a stream of messages.
func isEndless(contentType string) bool {
	if contentType == "application/json" {
		return false
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil && media == "" {
		media = strings.ToLower(strings.TrimSpace(contentType))
	}
	switch {
	case strings.HasPrefix(media, "application/grpc"),
		strings.HasPrefix(media, "application/connect+"),
		media == "text/event-stream",
		media == "multipart/x-mixed-replace":
		return true
	}
	return false
}

func connectProblem() *Problem {
	return streamingProblem(http.StatusBadRequest, "CONNECT is not possible here.")
}

func streamingProblem(status int, detail string) *Problem {
	return &Problem{Status: status, Reason: ReasonStreaming, Title: "Streaming refused", Detail: detail}
}
