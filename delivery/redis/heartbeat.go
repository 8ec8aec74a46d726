package redis

import (
	"context"
	"sync"
	"time"
)

// keepBeating says regularly that this gateway is there, so that its holds stay
// its own. It never gives up.
func (s *Store) keepBeating() {
	every := s.options.Heartbeat / 3
	wait := every
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(wait):
		}
		ctx, cancel := context.WithTimeout(s.ctx, readTimeout)
		err := s.beat(ctx, s.options.Heartbeat)
		cancel()
		if wait = every; err != nil {
			wait = min(every, time.Second)
		}
	}
}

// beat is one heartbeat, and drops the holds that nobody may come back for. 0 is
// the last one: what the gateway holds is for others.
func (s *Store) beat(ctx context.Context, ttl time.Duration) error {
	drop := s.unsure.drops()
	args := append(s.arguments(2+len(drop)), s.owner, ttl.Milliseconds())
	for _, id := range drop {
		args = append(args, id)
	}
	_, err := s.once(ctx, beatScript, args)
	_, err = failure(beatScript.name, err)
	if err == nil {
		s.down.Store(false)
		s.unsure.dropped(drop)
	}
	return err
}

// unsure remembers calls whose outcome is not known: their callers got an error,
// but the server may have done them.
type unsure struct {
	mu       sync.Mutex
	holds    map[string]bool // may be stored though Hold failed: to be dropped
	releases map[string]bool // may be done though Release failed
}

// maxUnsure bounds what is remembered through a long outage. A hold beyond it
// stays until this gateway ends, and is then an orphan that is settled by asking
// the register.
const maxUnsure = 100_000

func (u *unsure) hold(id string)    { u.note(&u.holds, id) }
func (u *unsure) release(id string) { u.note(&u.releases, id) }

func (u *unsure) note(set *map[string]bool, id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if *set == nil {
		*set = map[string]bool{}
	}
	if len(*set) < maxUnsure {
		(*set)[id] = true
	}
}

// held forgets about a hold that its caller knows to be stored, or tries again.
func (u *unsure) held(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.holds, id)
}

// released tells whether an earlier Release of this hold failed.
func (u *unsure) released(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.releases[id]
}

func (u *unsure) settled(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.releases, id)
}

func (u *unsure) drops() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var ids []string
	for id := range u.holds {
		if ids = append(ids, id); len(ids) == groupCalls {
			break
		}
	}
	return ids
}

func (u *unsure) dropped(ids []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, id := range ids {
		delete(u.holds, id)
	}
}
