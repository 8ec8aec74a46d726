package story

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/cmd/demo/felix"
)

const (
	minoes = `{"name": "Minoes", "age": 3, "@self": {"title": "A grey cat"}}`
	felix1 = `{"name": "Felix", "age": 2}`
)

// Play tells the whole story once. It expects an empty register, the validator
// running, the shop open and the policy "reject", and leaves the last three like that. A gateway
// that does something else than the story says is an error.
//
// It is killed early: what webhooks decided is in its memory, and the dashboard is
// to show most of that afterwards.
func Play(ctx context.Context, s Stage) error {
	scenes := []struct {
		title string
		play  func(context.Context, Stage) error
	}{
		{"A cat is created, and the validator adds to it", enriched},
		{"A pet shop is told of a new cat, although it is closed and the gateway is killed", toldAtLast},
		{"No cat is named Felix in December", blockedInDecember},
		{"And there are never more than five of them", blockedAfterFive},
		{"The validator is down, and the gateway is told to reject (on_failure reject)", downReject},
		{"The validator is down, and the gateway is told to go on (on_failure allow)", downAllow},
	}
	for i, scene := range scenes {
		s.title(i+1, scene.title)
		if err := scene.play(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func enriched(ctx context.Context, s Stage) error {
	s.Month(time.June)
	got, err := s.create(ctx, minoes)
	if err != nil {
		return err
	}
	if got.status != http.StatusCreated || !validated(s) {
		return otherwise("Minoes was not stored as validated, status %d", got.status)
	}
	return nil
}

func blockedInDecember(ctx context.Context, s Stage) error {
	s.Month(time.December)
	defer s.Month(time.June)
	s.say("For the validator it is December now.\n")
	return s.blocked(ctx, "December")
}

func blockedAfterFive(ctx context.Context, s Stage) error {
	s.say("In June five cats named Felix are welcome ...")
	for range felix.MaxFelixes {
		got, err := s.post(ctx, felix1)
		if err != nil {
			return err
		}
		if got.status != http.StatusCreated {
			return otherwise("a Felix in June got status %d", got.status)
		}
	}
	s.say("... and the sixth is not:\n")
	return s.blocked(ctx, "five")
}

// blocked asks for one more Felix and wants a 422 that says why.
func (s Stage) blocked(ctx context.Context, why string) error {
	got, err := s.create(ctx, felix1)
	if err != nil {
		return err
	}
	switch {
	case got.status != http.StatusUnprocessableEntity:
		return otherwise("Felix got status %d", got.status)
	case !bytes.Contains(got.body, []byte(why)):
		return otherwise("the answer does not say %q", why)
	case len(s.writes()) > 0:
		return otherwise("the register received a blocked cat")
	}
	return nil
}

func downReject(ctx context.Context, s Stage) error {
	if err := s.StopValidator(); err != nil {
		return err
	}
	got, err := s.create(ctx, minoes)
	if err != nil {
		return err
	}
	if got.status < http.StatusBadGateway || got.status > http.StatusGatewayTimeout || len(s.writes()) > 0 {
		return otherwise("nobody validated Minoes, and the status was %d", got.status)
	}
	return nil
}

func downAllow(ctx context.Context, s Stage) error {
	if err := s.OnFailure("allow"); err != nil {
		return err
	}
	got, err := s.create(ctx, minoes)
	if err != nil {
		return err
	}
	if got.status != http.StatusCreated || len(s.writes()) == 0 || validated(s) {
		return otherwise("Minoes was not passed on as she was, status %d", got.status)
	}
	if err := s.StartValidator(); err != nil {
		return err
	}
	return s.OnFailure("reject")
}

// validated tells whether the register received the validator's mark.
func validated(s Stage) bool {
	return slices.ContainsFunc(s.writes(), func(body []byte) bool {
		return bytes.Contains(body, []byte(`"validated":true`))
	})
}
