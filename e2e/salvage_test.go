package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// command runs the built program with words, and gives what it said.
func (g *gateway) command(words ...string) (said string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, binary, words...)
	run.Env = g.environment
	out, err := run.CombinedOutput()
	return string(out), err
}

// TestADamagedFolderIsSalvaged: nothing is repaired in silence, the refusal names
// the command, and what the command keeps is delivered.
func TestADamagedFolderIsSalvaged(t *testing.T) {
	t.Parallel()
	const writes = 20
	var well atomic.Bool
	r := receiverWith(t, func(w http.ResponseWriter, c call) {
		if !well.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		takes(w, c)
	})
	s := localStorage(t)
	g := start(t, globals(s.words, fmt.Sprintf("webhook told {\nurl %s/told\nevents object.created\nretry standard-webhooks\n}\n", r.URL)), inFrontOf(newShelf(t)))
	for i := range writes {
		got := insist(t, http.MethodPost, g.URL+objectsOf("cats"), fmt.Sprintf(`{"n":"write-%d."}`, i))
		require.Equal(t, http.StatusCreated, got.Status)
	}
	require.Eventually(t, func() bool { // the index has them a moment later
		info, err := os.Stat(filepath.Join(s.folder, "index.db"))
		return err == nil && info.Size() > 64<<10
	}, 20*time.Second, 50*time.Millisecond)
	time.Sleep(time.Second)
	g.kill(t)
	before := len(r.at("/told"))

	index, err := os.OpenFile(filepath.Join(s.folder, "index.db"), os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = index.WriteAt(make([]byte, 2*os.Getpagesize()), 0) // both pages that say where everything is
	require.NoError(t, err)
	require.NoError(t, index.Close())
	said, err := g.command("run", "--config", g.file)
	require.Error(t, err, "it does not start")
	require.Contains(t, said, "is damaged")
	require.Contains(t, said, "voorpoort salvage --path "+s.folder)

	said, err = g.command("voorpoort", "salvage", "--path", s.folder)
	require.NoError(t, err, said)
	aside, err := filepath.Glob(filepath.Join(s.folder, "index.db.damaged-*"))
	require.NoError(t, err)
	require.NotEmpty(t, aside, "what was damaged is moved aside")
	well.Store(true)
	g.run(t)
	delivered := func() int {
		seen := map[int]bool{}
		for _, c := range r.at("/told")[before:] {
			for i := range writes {
				if strings.Contains(c.Body, fmt.Sprintf("write-%d.", i)) {
					seen[i] = true
				}
			}
		}
		return len(seen)
	}
	require.Eventually(t, func() bool { return delivered() == writes }, 30*time.Second, 50*time.Millisecond)
}

// TestAFolderIsMadeSmaller while the gateway does not run, and not while it does.
func TestAFolderIsMadeSmaller(t *testing.T) {
	t.Parallel()
	r, s := receiving(t), localStorage(t)
	g := start(t, globals(s.words, fmt.Sprintf("webhook told {\nurl %s/told\nevents object.created\n}\n", r.URL)), inFrontOf(newShelf(t)))
	for range 50 {
		g.writes(t)
	}
	r.await(t, "/told", 50)
	said, err := g.command("voorpoort", "compact", "--path", s.folder)
	require.Error(t, err)
	require.Contains(t, said, "another process", "the folder has an owner")
	g.stop(t)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(s.folder, "index.db"))
		require.NoError(t, err)
		return info.Size()
	}
	before := size()
	said, err = g.command("voorpoort", "compact", "--path", s.folder)
	require.NoError(t, err, said)
	require.LessOrEqual(t, size(), before)
	g.run(t)
	g.writes(t)
	r.await(t, "/told", 51)
}
