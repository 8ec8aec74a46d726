package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// brief are the settings of a play that is over in a few seconds.
var brief = settings{Seed: 3, Rounds: 4, For: 400 * time.Millisecond, Patience: 4 * time.Second, Clients: 4, Rate: 60, Parallel: 1}

// The plays on a gateway that tells everybody before it answers. What it loses
// when it is killed is its own fault; here it matters that the play does what it
// says and leaves the world well.
func TestPlays(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		scenario scenario
		faults   int
	}{
		{"kill", scenario{Store: embedded, Gateways: 1, Hooks: 1, Play: killGateway}, 4},
		{"kill midway", scenario{Store: embedded, Gateways: 1, Hooks: 1, Play: killMidway}, 2},
		{"one of two", scenario{Store: embedded, Gateways: 2, Hooks: 1, Play: killOneOfTwo}, 2},
		{"reload", scenario{Store: embedded, Gateways: 1, Hooks: 1, Play: reload}, 4},
		{"receivers", scenario{Store: embedded, Gateways: 1, Hooks: 4, Play: badReceivers}, 4},
		{"dead endpoint", scenario{Store: embedded, Gateways: 1, Hooks: 8, Rate: 20, Play: deadEndpoint, Judge: judgeNeighbours}, 4},
		{"redis killed", scenario{Store: shared, Gateways: 1, Hooks: 1, Skip: needsRedis, Play: killRedis}, 2},
		{"redis errors", scenario{Store: shared, Gateways: 1, Hooks: 1, Skip: needsRedis, Play: refuseWrites}, 2},
		{"redis frozen", scenario{Store: shared, Gateways: 1, Hooks: 1, Skip: needsRedis, Play: freezeRedis}, 2},
		{"redis away", scenario{Store: shared, Gateways: 1, Hooks: 1, Skip: needsRedis, Play: spool}, 3},
		{"disk full", scenario{Store: small, Gateways: 1, Hooks: 1, Skip: needsDisk, Play: fillDisk}, 3},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := fakeStage(t, patient)
			s.letters = func(ctx context.Context, a *arena) ([]letter, error) {
				if a.redis != nil {
					require.NoError(t, a.redis.command(ctx, "SET", "well", "1"), "Redis is well again")
				}
				return nil, nil
			}
			tc.scenario.Name = tc.name
			r := s.try(t.Context(), tc.scenario, brief)
			if r.skipped != "" {
				t.Skip(r.skipped)
			}
			require.Empty(t, r.failed)
			require.Equal(t, tc.faults, r.faults)
			require.Positive(t, r.tally.Delivered)
			require.Zero(t, r.tally.False)
			require.Zero(t, r.tally.Misled)
		})
	}
}

func TestPlaysEndWithTheRun(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		if sc.Store != embedded || sc.Stepped {
			continue
		}
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			s := fakeStage(t, patient)
			ctx, cancel := context.WithCancel(t.Context())
			play := sc.Play
			sc.Play = func(_ context.Context, a *arena) error {
				cancel()
				return play(ctx, a)
			}
			began := time.Now()
			r := s.try(ctx, sc, brief)
			require.False(t, r.ok())
			require.Less(t, time.Since(began), time.Minute)
		})
	}
}

func TestTheStepOfAClockIsChecked(t *testing.T) {
	t.Parallel()
	s := fakeStage(t, patient)
	s.stepped = s.gateway
	sc := scenario{Name: "stepped", Store: embedded, Gateways: 1, Hooks: 1, Stepped: true, Skip: needsClock}
	sc.Play = func(ctx context.Context, a *arena) error {
		a.faults++
		require.Equal(t, filepath.Join(a.files.dir, "clock"), a.clock)
		for _, step := range []time.Duration{0, time.Hour, -time.Hour} {
			require.NoError(t, setClock(a.clock, step))
			require.Eventually(t, func() bool { return a.clockIs(ctx, step) == nil }, time.Minute, 10*time.Millisecond)
			require.ErrorContains(t, a.clockIs(ctx, step+time.Minute), "was not stepped")
		}
		return rest(ctx, 300*time.Millisecond)
	}
	r := s.try(t.Context(), sc, quick)
	require.True(t, r.ok(), reportOf(r))
}
