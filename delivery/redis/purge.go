package redis

import (
	"context"
	"time"
)

// purgeStep is how many messages or rows one script looks at: about as many ms
// as hundreds.
const purgeStep = 200

// Purge implements [delivery.Archive]. The size that maxBytes limits is that of
// messages and rows as they are stored; Redis' own structures add to it, see the
// package's documentation.
func (s *Store) Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error) {
	maxBytes = max(maxBytes, 0)
	if _, err := s.purge(ctx, "rows", before.UnixMicro(), 0); err != nil {
		return 0, err
	}
	removed, err := s.purge(ctx, "messages", s.clock.server(before), maxBytes)
	if err == nil && maxBytes > 0 {
		_, err = s.purge(ctx, "rows", before.UnixMicro(), maxBytes)
	}
	return removed, err
}

func (s *Store) purge(ctx context.Context, what string, before, maxBytes int64) (int, error) {
	removed, kept := 0, int64(0)
	for {
		answer, err := s.run(ctx, purgeScript, what, before, maxBytes, kept, purgeStep)
		if err != nil {
			return removed, err
		}
		removed += int(number(element(answer, 1)))
		kept += number(element(answer, 2))
		if number(element(answer, 3)) == 0 {
			return removed, nil
		}
	}
}
