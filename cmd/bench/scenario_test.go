package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var somewhere = addresses{
	Gateway: "127.0.0.1:8080", Upstream: "127.0.0.1:9000", Interceptor: "127.0.0.1:9001", Auth: "127.0.0.1:9002",
	Receiver: "127.0.0.1:9003", Redis: "127.0.0.1:6379", Box: "box", Store: "/store",
}

func TestScenarioNamesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range scenarios() {
		require.False(t, seen[s.Name], s.Name)
		seen[s.Name] = true
		require.NotContains(t, s.Name, "/")
		require.Regexp(t, "^[a-z0-9-]+$", s.slug())
	}
	for _, target := range targets() {
		require.True(t, seen[target.Scenario], target.Scenario)
		require.True(t, seen[target.Baseline], target.Baseline)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	all := scenarios()
	chosen, err := choose(all, "")
	require.NoError(t, err)
	require.Len(t, chosen, len(all))

	chosen, err = choose(all, "reverse,merge")
	require.NoError(t, err)
	var names []string
	for _, s := range chosen {
		names = append(names, s.Name)
	}
	require.Equal(t, []string{plain, control, "merge", "merge, transport", "merge, proxy"}, names)

	_, err = choose(all, "nothing")
	require.ErrorIs(t, err, errNoScenario)
}

func TestCaddyfilesAreBalancedAndComplete(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		text := s.caddyfile(somewhere)
		require.Equal(t, strings.Count(text, "{"), strings.Count(text, "}"), s.Name)
		require.Contains(t, text, "http://:8080 {", s.Name)
		require.Contains(t, text, "_proxy 127.0.0.1:9000", s.Name)
		require.NotContains(t, text, "%!", s.Name)
		if strings.HasPrefix(s.Name, forwardAuth) {
			require.Contains(t, text, "forward_auth 127.0.0.1:9002", s.Name)
			continue
		}
		if s.Path == eventPath {
			require.Equal(t, s.Calls, strings.Count(text, "http://127.0.0.1:9001/"), s.Name)
		}
		require.Equal(t, s.Told, strings.Contains(text, "url http://127.0.0.1:9003/box\n"), s.Name)
		require.Equal(t, s.Told && !s.Redis, strings.Contains(text, "store local /store\n"), s.Name)
		require.Equal(t, s.Redis, strings.Contains(text, "store redis redis://127.0.0.1:6379/0 {\n\t\t\tprefix box\n"), s.Name)
	}
}
