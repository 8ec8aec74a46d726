package story

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/cmd/demo/petshop"
)

// patience bounds each wait of the story. The first retry comes after 5 s.
const patience = 30 * time.Second

// lookAgain is how long the shop is given to get the event a second time.
const lookAgain = 300 * time.Millisecond

// toldAtLast: a write is accepted, and the event that follows reaches its
// receiver although neither the receiver nor the gateway stays up.
func toldAtLast(ctx context.Context, s Stage) error {
	if err := s.CloseShop(); err != nil {
		return err
	}
	s.say("The pet shop is closed: nobody listens at its address.\n")
	got, err := s.create(ctx, minoes)
	if err != nil {
		return err
	}
	id := got.header.Get("Voorpoort-Event-Id")
	if got.status != http.StatusCreated || id == "" {
		return otherwise("Minoes was not accepted with an event, status %d", got.status)
	}
	if err := s.tellFailure(ctx, id); err != nil {
		return err
	}
	if err := s.dieAndComeBack(); err != nil {
		return err
	}
	s.say("The pet shop opens. The retry is due 5 s after the first attempt ...\n")
	if err := s.OpenShop(); err != nil {
		return err
	}
	return s.tellNotice(ctx, id)
}

// tellFailure waits for the gateway's own line about the failed attempt.
func (s Stage) tellFailure(ctx context.Context, id string) error {
	var line string
	if !wait(ctx, func() bool {
		line = s.LogLine(`"msg":"delivery"`, id)
		return line != ""
	}) {
		return otherwise("the gateway logged no attempt to tell the shop")
	}
	fmt.Fprintln(s.Out)
	s.say("The client has its answer. The gateway could not tell the shop, and logs:\n")
	s.say("%s\n", line)
	return nil
}

// rowWritten is longer than the embedded store takes to write the row of an
// attempt, so that the failure is still in the log after the crash.
const rowWritten = 500 * time.Millisecond

func (s Stage) dieAndComeBack() error {
	time.Sleep(rowWritten)
	if err := s.KillGateway(); err != nil {
		return err
	}
	s.say("kill -9: the gateway is dead. What it still has to tell is in its store.")
	if err := s.StartGateway(); err != nil {
		return err
	}
	s.say("It is started again on the same store.")
	return nil
}

// tellNotice waits until the shop has the event, and looks whether it comes again.
func (s Stage) tellNotice(ctx context.Context, id string) error {
	var notice petshop.Notice
	start := time.Now()
	if !wait(ctx, func() (ok bool) {
		notice, ok = s.Shop.Notice(id)
		return ok
	}) {
		return otherwise("the shop was not told of event %s", id)
	}
	took := time.Since(start)
	time.Sleep(lookAgain)
	notice, _ = s.Shop.Notice(id)
	s.say("... and %.1f s after it opened the shop is told:\n", took.Seconds())
	s.say("event      %s", notice.ID)
	s.say("type       %s", notice.Type)
	s.say("subject    %s", notice.Subject)
	s.say("signature  verified with the Standard Webhooks library\n")
	s.say("It came %s. Once at least is promised; by its id a receiver knows a second one.", times(notice.Times))
	return nil
}

func times(n int) string {
	if n == 1 {
		return "1 time"
	}
	return fmt.Sprintf("%d times", n)
}

// wait looks until something is so, or the story's patience or ctx ends.
func wait(ctx context.Context, so func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !so() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
	return true
}
