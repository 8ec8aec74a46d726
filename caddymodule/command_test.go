package caddymodule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

// TestADamagedStoreIsSalvagedByTheCommand damages the index of a store, and the
// store can be opened afterwards.
func TestADamagedStoreIsSalvagedByTheCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := local.Open(dir, local.Options{})
	require.NoError(t, err)
	require.NoError(t, store.Append(t.Context(), delivery.Message{
		ID: "e1", Source: "urn:test", Type: "cat.created", Event: []byte(`{}`), Targets: []delivery.Target{{Lane: "a"}},
	}))
	require.NoError(t, store.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "index.db"), []byte(strings.Repeat("damaged ", 4096)), 0o600))
	_, err = local.Open(dir, local.Options{})
	require.ErrorContains(t, err, "voorpoort salvage")

	cmd := salvageCommand()
	cmd.SetArgs([]string{"--path", dir})
	require.NoError(t, cmd.Execute())
	store, err = local.Open(dir, local.Options{})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	aside, err := filepath.Glob(filepath.Join(dir, "index.db.damaged-*"))
	require.NoError(t, err)
	require.Len(t, aside, 1, "nothing is thrown away")
}

func TestAStoreIsCompactedByTheCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := local.Open(dir, local.Options{})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	cmd := compactCommand()
	cmd.SetArgs([]string{"--path", dir})
	require.NoError(t, cmd.Execute())
	store, err = local.Open(dir, local.Options{})
	require.NoError(t, err)
	require.NoError(t, store.Close())

	cmd.SetArgs([]string{"--path", t.TempDir()})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	require.ErrorIs(t, cmd.Execute(), os.ErrNotExist, "it makes no store where none is")
}

func TestWhatWasSalvagedIsSaid(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	printSalvage(&out, &local.SalvageReport{
		Aside: []string{"index.db.damaged-1"}, Missing: []string{"journal-1"}, Records: 2, Skipped: 30, Rebuilt: true,
		Index: local.IndexReport{Messages: 4, Bare: 5},
	})
	require.Equal(t, "moved aside: index.db.damaged-1\nnot there: journal-1\nrecords of the journal applied: 2\n"+
		"bytes of the journal that cannot be read: 30\nmessages kept: 4\ndeliveries whose message is lost: 5\nthe store can be opened\n", out.String())
}
