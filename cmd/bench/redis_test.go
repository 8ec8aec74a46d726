package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedisIsStartedWhenARowWantsIt(t *testing.T) {
	t.Parallel()
	s := &stage{dir: t.TempDir()}
	t.Cleanup(s.stop)
	kept, err := s.withRedis(t.Context(), []scenario{{Name: plain}})
	require.NoError(t, err)
	require.Len(t, kept, 1)
	require.Nil(t, s.redis)

	if _, err := exec.LookPath(redisProgram); err != nil && os.Getenv("CI") == "" {
		t.Skip("redis-server is not installed")
	}
	kept, err = s.withRedis(t.Context(), []scenario{{Name: plain}, {Name: "r", Redis: true}})
	require.NoError(t, err)
	require.Len(t, kept, 2)
	require.NotEmpty(t, s.at.Redis)
	_, redis := s.meter(scenario{Redis: true}, s.redis)(1)
	require.GreaterOrEqual(t, redis, 0.0)
}

func TestRowsWithRedisAreLeftOutWithoutIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	kept, err := (&stage{dir: t.TempDir()}).withRedis(t.Context(), []scenario{{Name: plain}, {Name: "r", Redis: true}})
	require.NoError(t, err)
	require.Equal(t, []scenario{{Name: plain}}[0].Name, kept[0].Name)
	require.Len(t, kept, 1)
}
