package local

import (
	"errors"
	"fmt"
	"time"
)

// The pauses between attempts to write the index, when it fails: a full disk is
// the likely cause, and nothing is lost while the journal has it.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = 2 * time.Second
)

// persist changes the file however long it takes; only the end of the store
// ends the attempts. When it does, nothing behind it is written either.
func (s *Store) persist(write func(t *tables) error) error {
	f := &s.flusher
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := s.transact(write)
		f.mu.Lock()
		f.failure = err
		f.mu.Unlock()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-s.closing:
			return err
		}
	}
}

// transact makes one transaction.
func (s *Store) transact(write func(t *tables) error) (err error) {
	defer s.rescue(&err)
	tx, err := s.db.Begin(true)
	if err != nil {
		return failedIndex(err)
	}
	// After the commit this does nothing.
	defer func() { _ = tx.Rollback() }()
	if err := write(&tables{tx: tx}); err != nil {
		return failedIndex(err)
	}
	if s.failCommit != nil {
		if err := s.failCommit(); err != nil {
			return failedIndex(err)
		}
	}
	if err := tx.Commit(); err != nil {
		return failedIndex(err)
	}
	return nil
}

func failedIndex(err error) error { return fmt.Errorf("delivery/local: writing the index: %w", err) }

// Health tells what keeps the store from working: the last failure of the
// journal, in which case callers get errors, or of the index, in which case they
// come to wait. It is nil when both work.
func (s *Store) Health() error {
	s.journal.mu.Lock()
	err := s.journal.failure
	s.journal.mu.Unlock()
	s.layers.RLock()
	broken := s.layers.err
	s.layers.RUnlock()
	s.flusher.mu.Lock()
	defer s.flusher.mu.Unlock()
	return errors.Join(err, broken, s.flusher.failure)
}
