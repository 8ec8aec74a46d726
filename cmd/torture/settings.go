package main

import (
	"errors"
	"time"
)

// settings bound a run.
type settings struct {
	Seed     uint64
	Rounds   int           // of killing the gateway; other faults come a part of that often
	For      time.Duration // how long Redis refuses to write, and how long each other state of long standing lasts
	Patience time.Duration // how long the last deliveries are waited for
	Clients  int
	Rate     float64 // writes a second
	Short    bool
	Only     string
	Gateway  string // a program that is built already
	Parallel int    // scenarios at the same time
	Keep     bool   // the folder with the records stays in any case
}

// shorten makes a run of about 90 seconds: mostly of waiting, so that scenarios
// can wait side by side.
func (s *settings) shorten() {
	s.Rounds = min(s.Rounds, 16)
	s.For = min(s.For, 4*time.Second)
	s.Rate = min(s.Rate, 60)
	s.Parallel = max(s.Parallel, 5)
}

// some is a part of the rounds, at least two.
func (s settings) some(part int) int { return max(s.Rounds/part, 2) }

var errSettings = errors.New("rounds, for, patience, clients, rate and parallel must be above zero")

func (s settings) check() error {
	if s.Rounds < 1 || s.For <= 0 || s.Patience <= 0 || s.Clients < 1 || s.Rate <= 0 || s.Parallel < 1 {
		return errSettings
	}
	return nil
}
