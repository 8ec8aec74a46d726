package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAliasIndex(t *testing.T) {
	t.Parallel()
	index, err := compileAliases(Aliases{
		"schema":   {{"cat", "12"}, {"dog", "13", "Hond"}},
		"register": {{"shop", "12"}},
	})
	require.NoError(t, err)
	for _, test := range []struct {
		param, value string
		want         []string
	}{
		{"schema", "12", []string{"12", "cat"}},
		{"register", "12", []string{"12", "shop"}},
		{"schema", "hond", []string{"hond", "dog", "13", "Hond"}},
		{"schema", "HOND", []string{"HOND", "hond", "dog", "13", "Hond"}},
		{"schema", "14", []string{"14"}},
		{"id", "12", []string{"12"}},
	} {
		require.Equal(t, test.want, index.names(test.param, test.value))
	}
}
