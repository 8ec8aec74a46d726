package redis

import (
	"context"
	"errors"
	"io"
	"testing"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// answered is an error that a server gave.
type answered string

func (e answered) Error() string { return string(e) }
func (answered) RedisError()     {}

func TestFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err         error
		unavailable bool
		code        string
		again       bool
	}{
		"loading":               {answered("LOADING Redis is loading the dataset in memory"), true, "LOADING", true},
		"a replica":             {answered("READONLY You can't write against a read only replica."), true, "READONLY", true},
		"memory":                {answered("OOM command not allowed when used memory > 'maxmemory'."), true, "OOM", false},
		"memory in Redis 6.2":   {answered("ERR Error running script (call to f_1): @user_script:5: @user_script: 5: -OOM command not allowed"), true, "OOM", false},
		"cluster":               {answered("CLUSTERDOWN Hash slot not served"), true, "CLUSTERDOWN", true},
		"no master":             {answered("MASTERDOWN Link with MASTER is down"), true, "MASTERDOWN", true},
		"rights":                {answered("NOPERM this user has no permissions"), true, "NOPERM", false},
		"a defect":              {answered("WRONGTYPE Operation against a key"), false, "", false},
		"the end":               {io.EOF, true, "", true},
		"the pool":              {goredis.ErrPoolTimeout, true, "", true},
		"too few replicas":      {&shortError{have: 0, want: 1}, true, "WAIT", false},
		"an unknown failure":    {errors.New("x"), true, "", false},
		"the caller has gone":   {context.Canceled, false, "", false},
		"the client is closed":  {goredis.ErrClosed, false, "", false},
		"no master of Sentinel": {errors.New("redis: all sentinels specified in configuration are unreachable"), true, "", true},
	} {
		again, err := failure("append", c.err)
		var unavailable *UnavailableError
		require.Equal(t, c.unavailable, errors.As(err, &unavailable), name)
		require.Equal(t, c.again, again, name)
		if c.unavailable {
			require.Equal(t, c.code, unavailable.Code, name)
			require.ErrorIs(t, err, c.err, name)
			require.Contains(t, err.Error(), "append", name)
		}
	}
	_, err := failure("append", nil)
	require.NoError(t, err)
}
