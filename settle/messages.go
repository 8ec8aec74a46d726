package settle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// What a store takes, in bytes: see [delivery.Target].
const (
	maxDeadText = 1024 // the reason of a dead letter
	maxKey      = 1024
)

// reasonDisabled is why a delivery to a webhook that is disabled is skipped.
const reasonDisabled = "the webhook was disabled"

// Address makes a message of an event for the webhooks that are to be told: those
// that subscribe to it and whose filters let it through, with body as the body of
// the request. ok is false when there is none.
//
// A filter that cannot be evaluated makes a dead letter for its webhook, never a
// silent "no".
func Address(e *event.Event, body []byte, hooks *webhook.Snapshot) (m delivery.Message, ok bool) {
	var targets []delivery.Target
	for _, h := range hooks.Subscribers(e) {
		wanted, err := h.Matches(e, body)
		switch {
		case err != nil:
			targets = append(targets, delivery.Target{Lane: h.Lane(), Dead: cut("the webhook's condition could not be evaluated: " + err.Error())})
		case wanted:
			targets = append(targets, target(h, e))
		}
	}
	if len(targets) == 0 {
		return delivery.Message{}, false
	}
	return message(e, body, targets), true
}

// AddressTo makes a message of an event for certain webhooks, whatever they
// subscribe to.
func AddressTo(e *event.Event, body []byte, hooks []*webhook.Hook) delivery.Message {
	targets := make([]delivery.Target, len(hooks))
	for i, h := range hooks {
		targets[i] = target(h, e)
	}
	return message(e, body, targets)
}

// Bury makes a dead letter of an event for every webhook that subscribes to it:
// a person decides whether they are told. ok is false when there is none.
func Bury(e *event.Event, body []byte, reason string, hooks *webhook.Snapshot) (m delivery.Message, ok bool) {
	var targets []delivery.Target
	for _, h := range hooks.Subscribers(e) {
		if wanted, err := h.Matches(e, body); err != nil || wanted {
			targets = append(targets, delivery.Target{Lane: h.Lane(), Dead: cut(reason)})
		}
	}
	if len(targets) == 0 {
		return delivery.Message{}, false
	}
	return message(e, body, targets), true
}

// BuryUnbuilt makes a dead letter of an event that happened and could not be
// built, for every webhook that subscribes to its type. Filters are not asked:
// there is nothing to ask them about.
func BuryUnbuilt(u *event.Unbuilt, hooks *webhook.Snapshot) (m delivery.Message, ok bool) {
	followers := hooks.Subscribers(u.Event)
	targets := make([]delivery.Target, len(followers))
	reason := cut(fmt.Sprintf("the event could not be built: %v", u.Err))
	for i, h := range followers {
		targets[i] = delivery.Target{Lane: h.Lane(), Dead: reason}
	}
	if len(targets) == 0 {
		return delivery.Message{}, false
	}
	return message(u.Event, nil, targets), true
}

// target addresses one webhook.
func target(h *webhook.Hook, e *event.Event) delivery.Target {
	t := delivery.Target{Lane: h.Lane()}
	if h.Disabled {
		t.Skip = reasonDisabled
	}
	if h.Ordered {
		t.Key = key(e.Key)
	}
	return t
}

// key is the ordering key as a store takes it: of a longer one its digest.
// Clients choose the paths that keys are made of, and a message that no store
// takes would never be told.
func key(k string) string {
	if len(k) <= maxKey {
		return k
	}
	digest := sha256.Sum256([]byte(k))
	return "sha256:" + hex.EncodeToString(digest[:])
}

func message(e *event.Event, body []byte, targets []delivery.Target) delivery.Message {
	return delivery.Message{
		ID: e.ID, Source: e.Source, Type: e.Type.Name, Class: e.Type.Class, Subject: e.Subject,
		Time: e.Time.UTC().Truncate(time.Microsecond), Event: e.AppendJSON(nil, body), Targets: targets,
	}
}

func cut(text string) string { return text[:min(len(text), maxDeadText)] }
