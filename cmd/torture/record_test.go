package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func recordWith(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "record")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestRecordKeepsWhatIsAdded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "record")
	for range 2 { // the second time it goes on where the first ended
		r, err := openRecord(path)
		require.NoError(t, err)
		var group sync.WaitGroup
		for n := range number(50) {
			group.Go(func() { _ = r.add(accepted{Number: n, Action: create, ID: "o-1", At: 5}) })
		}
		group.Wait()
		require.NoError(t, r.close())
	}
	entries, torn, err := readRecord[accepted](path)
	require.NoError(t, err)
	require.False(t, torn)
	require.Len(t, entries, 100)
	require.Equal(t, "o-1", entries[0].ID)
}

func TestRecordWithATornTail(t *testing.T) {
	t.Parallel()
	entries, torn, err := readRecord[accepted](recordWith(t, `{"n":1,"action":"created"}`+"\n"+`{"n":2,"action":"upda`))
	require.NoError(t, err)
	require.True(t, torn)
	require.Equal(t, []accepted{{Number: 1, Action: create}}, entries)

	// Whole JSON without the line's end was not acknowledged either.
	entries, torn, err = readRecord[accepted](recordWith(t, `{"n":1}`))
	require.NoError(t, err)
	require.True(t, torn)
	require.Empty(t, entries)
}

func TestDamagedRecordIsNoBasisForAVerdict(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"n":1}` + "\n" + `{"n":2,"act` + "\n" + `{"n":3}` + "\n",
		"\n",
		`{"n":1,"surprise":true}` + "\n",
		`{"n":-1}` + "\n",
		"\x00\x00\x00\x00\n",
	} {
		_, _, err := readRecord[accepted](recordWith(t, text))
		require.ErrorIs(t, err, errRecord, text)
	}
	_, _, err := readRecord[accepted](t.TempDir())
	require.Error(t, err)
}

func TestRecordThatNobodyBegan(t *testing.T) {
	t.Parallel()
	entries, torn, err := readRecord[told](filepath.Join(t.TempDir(), "absent"))
	require.NoError(t, err)
	require.False(t, torn)
	require.Empty(t, entries)
	_, err = openRecord(filepath.Join(t.TempDir(), "no", "folder"))
	require.Error(t, err)
}

func TestFollowerSeesALineWhenItIsWhole(t *testing.T) {
	t.Parallel()
	path := recordWith(t, `{"n":1}`+"\n"+`{"n":`)
	f := follower[accepted]{path: path}
	entries, err := f.next()
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.True(t, f.torn)

	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString("2}\n{\"n\":3}\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	entries, err = f.next()
	require.NoError(t, err)
	require.Equal(t, []accepted{{Number: 2}, {Number: 3}}, entries)
	require.False(t, f.torn)
	entries, err = f.next()
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestRecordRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	r, err := openRecord(filepath.Join(t.TempDir(), "record"))
	require.NoError(t, err)
	require.Error(t, r.add(make(chan int)))
	require.NoError(t, r.close())
	require.Error(t, r.add(1), "a closed record takes nothing")
}

func TestWhatCountsAsTold(t *testing.T) {
	t.Parallel()
	require.True(t, told{Status: 201}.done())
	require.True(t, told{Status: 204}.done())
	require.False(t, told{Status: 201, Error: "half an answer"}.done())
	require.False(t, told{Status: 503}.done())
	require.False(t, told{}.done())
}
