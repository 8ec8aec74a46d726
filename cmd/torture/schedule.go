package main

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// span is a range of durations.
type span struct{ From, To time.Duration }

// pick gives a duration of the span, both ends included.
func (s span) pick(chance *rand.Rand) time.Duration {
	return s.From + time.Duration(chance.Int64N(int64(s.To-s.From)+1))
}

// beat is one turn of a schedule: first all is well, then something is wrong.
type beat struct {
	Calm, Trouble time.Duration
	Dice          int // which of several things goes wrong
}

// schedule makes as many beats. The same chance makes the same ones.
func schedule(chance *rand.Rand, beats int, calm, trouble span) []beat {
	all := make([]beat, beats)
	for i := range all {
		all[i] = beat{Calm: calm.pick(chance), Trouble: trouble.pick(chance), Dice: chance.IntN(1 << 16)}
	}
	return all
}

// chanceOf gives the random numbers of a scenario: they depend on the seed and
// the scenario's name, not on which others run.
func chanceOf(seed uint64, scenario string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(scenario)) // it never fails
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}
