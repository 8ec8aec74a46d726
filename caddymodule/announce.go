package caddymodule

import (
	"bytes"
	"strconv"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/settle"
	"github.com/voorpoort/voorpoort/webhook"
)

// announce tells of the event before the write through the queue: the
// asynchronous interceptors, which nobody waits for, and those that could not be
// asked and have the failure policy queue. It is durable before the register is
// touched.
func (p *passage) announce() *request.Problem {
	if p.event == nil || len(p.decision.Queued) == 0 && !p.view.hooks.FollowsBefore(p.event.Type) && !p.view.of.unread {
		return nil
	}
	p.told = true
	messages, err := p.announcements()
	if err != nil {
		return p.h.storeProblem(err)
	}
	problem := p.keep(messages)
	if problem == nil && p.view.of.unread {
		p.announceUnread(p.h.app.queue) // which is there before anything is in force
	}
	return problem
}

// keep stores the messages.
func (p *passage) keep(messages []delivery.Message) *request.Problem {
	if len(messages) == 0 {
		return nil
	}
	queue, err := p.h.app.ready(p.r.Context())
	if err == nil {
		err = queue.append(p.r.Context(), messages...)
	}
	switch {
	case err == nil:
		return nil
	case queue != nil && p.h.app.OnStoreDown == storeDownAllow:
		p.h.logger.Error("the events before a write could not be stored; trying again", zap.String("event_id", p.event.ID), zap.Error(err))
		queue.owe("announce", p.event.ID, false, messages, orderKeys(messages), err)
		return nil
	}
	return p.h.storeProblem(err)
}

// announcements are the messages. One that is queued is about the body that its
// webhook would have been asked about.
func (p *passage) announcements() ([]delivery.Message, error) {
	var messages []delivery.Message
	for _, queued := range p.decision.Queued {
		if err := p.event.Rebase(queued.Body); err != nil {
			return nil, err
		}
		messages = append(messages, settle.AddressTo(p.event, queued.Body, []*webhook.Hook{queued.Hook}))
	}
	body := p.decision.Body
	if err := p.event.Rebase(body); err != nil {
		return nil, err
	}
	if m, ok := settle.Address(p.event, body, p.view.hooks); ok {
		messages = append(messages, m)
	}
	for i := range messages { // each may be about another body, and is another event then
		if i > 0 {
			rename(&messages[i], messages[i].ID+"-"+strconv.Itoa(i+1))
		}
	}
	return messages, nil
}

// rename gives a message's event another id. Of its members only attributes stand
// before the id, and no text in them has a quote that is not escaped.
func rename(m *delivery.Message, id string) {
	m.Event = bytes.Replace(m.Event, []byte(`"id":"`+m.ID+`"`), []byte(`"id":"`+id+`"`), 1)
	m.ID = id
}
