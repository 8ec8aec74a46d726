package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// A webhook has one of three roles:
//
//   - Intercepts (interceptRequests): it is asked before the write, which waits;
//   - Async (interceptRequests and async): it is told of the event before the
//     write, through the queue;
//   - Subscribes (neither): it is told of the event after the write, through the
//     queue.
//
// An interceptor with the failure policy queue is told through the queue as
// well, when it could not be asked.

// compileRole sets the role and refuses what has no meaning in it.
func (h *Hook) compileRole(w *Webhook, f *faults) {
	c := &w.Configuration
	h.Intercepts = c.InterceptRequests && !c.Async
	h.Async = c.InterceptRequests && c.Async
	h.Subscribes = !c.InterceptRequests
	if h.Intercepts {
		return
	}
	why := "needs interceptRequests to be true: a subscriber is told after the write, so its answer comes too late"
	if h.Async {
		why = "cannot go with async: nobody waits for the answer"
	}
	refuse := func(given bool, pointer string) {
		if given {
			f.add(pointer, "%s", why)
		}
	}
	refuse(c.ProcessResponse, "/configuration/processResponse")
	for _, setting := range policySettings(c) {
		refuse(*setting.policy != "", setting.pointer)
	}
	refuse(c.Mode == Warn || c.Mode == Shadow, "/configuration/mode")
	refuse(c.Breaker != Breaker{}, "/configuration/breaker")
	refuse(c.MaxAnswer != 0, "/configuration/maxAnswer")
	if w.ContentType != "" {
		f.add("/contentType", "is for interceptors; the content type of a delivery follows its format")
	}
}

// Delivers tells whether events may reach the webhook through the queue, so
// that it needs a lane: it subscribes, is asynchronous, or has the failure
// policy queue.
func (h *Hook) Delivers() bool {
	return h.Subscribes || h.Async || slices.Contains([]Policy{h.OnFailure, h.OnTimeout, h.OnUnreachable}, Queue)
}

// Lane is the name of the webhook's queue: its UUID in lower case if it has
// one, else its name. It stays the same as long as these do; give a webhook
// whose name may change a UUID. It is at most 255 bytes: of a longer name it is
// a digest.
func (h *Hook) Lane() string { return h.lane }

func laneOf(w *Webhook) string {
	switch {
	case w.UUID != "":
		return strings.ToLower(w.UUID)
	case len(w.Name) <= maxLane:
		return w.Name
	}
	digest := sha256.Sum256([]byte(w.Name))
	return "sha256:" + hex.EncodeToString(digest[:])
}

// maxLane is the most that a store takes as the name of a lane, in bytes.
const maxLane = 255
