package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

// jobPause is how often a job is asked for its progress.
const jobPause = 500 * time.Millisecond

// letter is what a table shows of a dead letter.
type letter struct {
	Seq         json.Number `json:"seq"`
	WebhookID   json.Number `json:"webhookId"`
	WebhookName string      `json:"webhookName"`
	EventID     string      `json:"eventId"`
	EventType   string      `json:"eventType"`
	Subject     string      `json:"subject"`
	Reason      string      `json:"reason"`
	Attempts    int         `json:"attempts"`
	DeadAt      *string     `json:"deadAt"`
}

func deadLettersCommand() *cobra.Command {
	list := command("list", "Lists the dead letters, newest first", 0, listDeadLetters)
	list.Flags().String("webhook", "", "only those of one webhook, by number, uuid or name")
	list.Flags().Int("limit", 50, "how many, at most 1000")
	list.Flags().String("cursor", "", "where the page before ended")

	replay := command("replay [--webhook <webhook>]", "Sends dead letters again, one or all that the flags select", 0, replayDeadLetters)
	replay.Flags().String("webhook", "", "only those of one webhook, by number, uuid or name")
	replay.Flags().String("seq", "", "only this one, with --webhook")
	replay.Flags().String("type", "", "only events of this type")
	replay.Flags().String("before", "", "only those that died before this time (RFC 3339)")
	replay.Flags().String("after", "", "only those that died after this time (RFC 3339)")
	replay.Flags().Float64("rate", 0, "how many a second; without it the gateway decides")
	replay.Flags().Int("limit", 0, "how many at most")

	discard := command("discard <webhook> <seq>", "Gives a dead letter up for good", 2, discardDeadLetter)
	discard.Flags().String("reason", "", "why; it is kept with the letter")
	return group("dead-letters", "Lists dead letters, sends them again, or gives them up", list, replay, discard)
}

func listDeadLetters(s *session) error {
	var page struct {
		Results []letter
		Cursor  *string
	}
	raw, err := s.get(s.ctx, "dead-letters", s.query(map[string]string{"webhook": "webhook", "limit": "limit", "cursor": "cursor"}), &page)
	if err != nil {
		return err
	}
	return s.show(raw, func() {
		t := newTable(s.out, "WEBHOOK", "SEQ", "NAME", "EVENT", "TYPE", "SUBJECT", "ATTEMPTS", "DIED", "REASON")
		for _, l := range page.Results {
			t.row(l.WebhookID, l.Seq, l.WebhookName, l.EventID, l.EventType, l.Subject, l.Attempts, when(l.DeadAt), l.Reason)
		}
		t.end()
		if page.Cursor != nil {
			s.say("more: --cursor %s", *page.Cursor)
		}
	})
}

func replayDeadLetters(s *session) error {
	if seq := s.text("seq"); seq != "" {
		if s.text("webhook") == "" {
			return usage("--seq needs --webhook: positions are those of one webhook")
		}
		_, err := s.call(s.ctx, http.MethodPost, letterPath(s.text("webhook"), seq)+"/replay", nil, struct{}{})
		if err == nil && !s.json {
			s.say("it is sent again")
		}
		return err
	}
	filter := map[string]any{}
	for _, name := range []string{"webhook", "type", "before", "after"} {
		if text := s.text(name); text != "" {
			filter[name] = text
		}
	}
	if rate, _ := s.cmd.Flags().GetFloat64("rate"); rate > 0 {
		filter["rate"] = rate
	}
	if limit, _ := s.cmd.Flags().GetInt("limit"); limit > 0 {
		filter["limit"] = limit
	}
	raw, err := s.call(s.ctx, http.MethodPost, "dead-letters/replay", nil, filter)
	if err != nil {
		return err
	}
	return s.follow(raw)
}

func letterPath(webhook, seq string) string {
	return "dead-letters/" + url.PathEscape(webhook) + "/" + url.PathEscape(seq)
}

// job is what a gateway does in the background.
type job struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Total  int    `json:"total"`
	Done   int    `json:"done"`
	Failed int    `json:"failed"`
}

// follow tells how a job goes on until it ends. Somebody who interrupts it stops
// looking; the job goes on.
func (s *session) follow(raw json.RawMessage) error {
	for {
		var j job
		if err := decode(raw, &j); err != nil {
			return err
		}
		if !s.json {
			fmt.Fprintf(s.cmd.ErrOrStderr(), "\r%s: %d of %d, %d failed ", printable(j.State), j.Done, j.Total, j.Failed)
		}
		if j.State != "running" {
			return s.ended(raw, &j)
		}
		select {
		case <-s.ctx.Done():
			fmt.Fprintf(s.cmd.ErrOrStderr(), "\nthe gateway goes on with job %s\n", printable(j.ID))
			return nil
		case <-time.After(jobPause):
		}
		var err error
		if raw, err = s.get(s.ctx, "jobs/"+url.PathEscape(j.ID), nil, nil); err != nil {
			return err
		}
	}
}

func (s *session) ended(raw json.RawMessage, j *job) error {
	if s.json {
		if err := printJSON(s.out, raw); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(s.cmd.ErrOrStderr())
		s.say("%d sent again", j.Done)
	}
	if j.State != "done" || j.Failed > 0 {
		return fmt.Errorf("the job is %s; %d of %d failed", printable(j.State), j.Failed, j.Total)
	}
	return nil
}

func discardDeadLetter(s *session) error {
	webhook, err := s.idOf(s.arguments[0])
	if err != nil {
		return err
	}
	_, err = s.call(s.ctx, http.MethodPost, letterPath(webhook, s.arguments[1])+"/discard", nil, map[string]string{"reason": s.text("reason")})
	if err == nil && !s.json {
		s.say("discarded")
	}
	return err
}
