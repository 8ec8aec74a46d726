package local

import (
	"context"
	"fmt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Hold implements [delivery.Journal].
func (s *Store) Hold(ctx context.Context, h delivery.Hold) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if h.ID == "" || len(h.ID) > maxHold {
		return fmt.Errorf("delivery/local: the id of a hold has 1 to %d bytes", maxHold)
	}
	if len(h.Intent) > maxRecord/2 {
		return fmt.Errorf("delivery/local: an intent of %d bytes: %w", len(h.Intent), errTooLarge)
	}
	return s.write(ctx, newCall(encodeHold(h)))
}

// Release implements [delivery.Journal].
func (s *Store) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if hold == "" {
		return delivery.ErrNoHold
	}
	return s.store(ctx, hold, messages)
}

// Append implements [delivery.Journal].
func (s *Store) Append(ctx context.Context, messages ...delivery.Message) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if len(messages) == 0 {
		return nil
	}
	return s.store(ctx, "", messages)
}

func (s *Store) store(ctx context.Context, hold string, messages []delivery.Message) error {
	frame, op, err := encodeAppend(hold, s.time(), messages)
	if err != nil {
		return err
	}
	return s.write(ctx, newCall(frame, op))
}
