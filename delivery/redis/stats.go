package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/voorpoort/voorpoort/delivery"
)

// Stats implements [delivery.Archive].
func (s *Store) Stats(ctx context.Context, lane string) (delivery.Stats, error) {
	raw := ""
	err := s.look(ctx, "stats", func(ctx context.Context) (err error) {
		raw, err = s.client.HGet(ctx, s.anchor+"stats", lane).Result()
		return err
	})
	if errors.Is(err, goredis.Nil) {
		return delivery.Stats{}, nil
	}
	if err != nil {
		return delivery.Stats{}, err
	}
	st, _, err := decodeStats(raw)
	return st, err
}

// AllStats implements [delivery.Inspector].
func (s *Store) AllStats(ctx context.Context) (map[string]delivery.Stats, error) {
	lanes, err := s.allStats(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[string]delivery.Stats, len(lanes))
	for lane, raw := range lanes {
		if all[lane], _, err = decodeStats(raw); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// allStats gives the counters of all lanes as they are stored.
func (s *Store) allStats(ctx context.Context) (map[string]string, error) {
	var lanes map[string]string
	err := s.look(ctx, "stats", func(ctx context.Context) (err error) {
		lanes, err = s.client.HGetAll(ctx, s.anchor+"stats").Result()
		return err
	})
	return lanes, err
}

// look asks for something that needs no script, again after a broken connection.
// That there is nothing is [goredis.Nil].
func (s *Store) look(ctx context.Context, op string, try func(ctx context.Context) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	var none error
	err = s.ask(ctx, op, func(ctx context.Context) error {
		none = nil
		err := try(ctx)
		if errors.Is(err, goredis.Nil) {
			none, err = err, nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return none
}

// decodeStats reads a lane's counters as scripts/prelude.lua packs them, numbers
// of seven bytes. newest is the position of the lane's newest delivery, 0 if it
// never had one.
func decodeStats(raw string) (st delivery.Stats, newest uint64, err error) {
	r := &reader{rest: raw}
	count := func() uint64 { return uint64(r.time()) }
	when := func() time.Time {
		if t := r.time(); t > 0 {
			return time.UnixMicro(t)
		}
		return time.Time{}
	}
	st.Pending, newest = count(), count()
	st.Retrying, st.Dead, st.Skipped = count(), count(), count()
	st.Successful, st.Failed = count(), count()
	st.LastAttempt, st.LastSuccess, st.LastFailure = when(), when(), when()
	st.Total = st.Successful + st.Failed
	return st, newest, r.err
}
