package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestScenariosAreComplete(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, sc := range scenarios() {
		require.False(t, names[folderOf(sc.Name)], sc.Name)
		names[folderOf(sc.Name)] = true
		require.NotNil(t, sc.Play, sc.Name)
		require.Positive(t, sc.Gateways, sc.Name)
		require.Positive(t, sc.Hooks, sc.Name)
		if sc.Store != embedded {
			require.NotNil(t, sc.Skip, sc.Name)
		}
	}
	require.Len(t, names, 13)
}

func TestChoose(t *testing.T) {
	t.Parallel()
	all, err := choose(scenarios(), "", false)
	require.NoError(t, err)
	require.Len(t, all, len(scenarios()))
	short, err := choose(scenarios(), "", true)
	require.NoError(t, err)
	require.NotEmpty(t, short)
	require.Len(t, all, len(short)+len(long(scenarios())), "what is left out is named")
	require.NotEmpty(t, long(scenarios()))
	some, err := choose(scenarios(), "SIGSTOP,disk", true)
	require.NoError(t, err)
	require.Len(t, some, 2, "what is named runs, short or not")
	_, err = choose(scenarios(), "nothing", false)
	require.ErrorIs(t, err, errNoScenario)
}

func TestRateAndClients(t *testing.T) {
	t.Parallel()
	set := settings{Rate: 100, Clients: 1}
	require.InDelta(t, 100, scenario{}.rate(set), 0)
	require.InDelta(t, 5, scenario{Rate: 5}.rate(set), 0)
	require.Equal(t, 2, scenario{Gateways: 2}.clients(set))
}

func TestSettings(t *testing.T) {
	t.Parallel()
	require.NoError(t, quick.check())
	for _, change := range []func(*settings){
		func(s *settings) { s.Rounds = 0 }, func(s *settings) { s.For = 0 }, func(s *settings) { s.Patience = -1 },
		func(s *settings) { s.Clients = 0 }, func(s *settings) { s.Rate = 0 }, func(s *settings) { s.Parallel = 0 },
	} {
		set := quick
		change(&set)
		require.ErrorIs(t, set.check(), errSettings)
	}
	set := settings{Rounds: 100, For: time.Hour, Patience: time.Hour}
	require.Equal(t, 20, set.some(5))
	set.shorten()
	require.Equal(t, 3, set.some(5))
	require.Equal(t, 2, set.some(12), "never less")
	require.Greater(t, set.Parallel, 1)
}

func TestSkipReasons(t *testing.T) {
	t.Parallel()
	s := &stage{dir: t.TempDir()}
	require.NotEmpty(t, needsClock(s))
	s.stepped = "a program"
	require.Empty(t, needsClock(s))
	if reason := needsDisk(s); reason != "" {
		require.Contains(t, reason, "making a disk")
	}
}
