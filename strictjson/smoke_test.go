package strictjson

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckSmoke(t *testing.T) {
	require.NoError(t, Check([]byte(` {"a":[1,2.5e3,{"b":null}],"c":"\u00e9é"} `), 0))
	require.Error(t, Check([]byte(`{"a":1,"\u0061":2}`), 0))
	v, ok := Get([]byte(`{"a":[1,2.5e3,{"b":null}],"c":"x"}`), "a", "2", "b")
	require.True(t, ok)
	require.Equal(t, "null", string(v))
	require.True(t, Equal([]byte(`{"a":5,"b":[1e1]}`), []byte(`{"b":[10.0],"a":5.0}`)))
}
