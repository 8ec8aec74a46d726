package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSteppedPackageTime(t *testing.T) {
	t.Parallel()
	got, err := stepped("func Now() Time {\n\t" + readsClock + "\tif mono == 0 {\n")
	require.NoError(t, err)
	require.Contains(t, got, "runtimeNow()\n\tsec += tortureStep.Load()\n\tif mono")
	for _, source := range []string{"", readsClock + readsClock} {
		_, err := stepped(source)
		require.ErrorIs(t, err, errStandardLibrary)
	}
}

func goroot(t *testing.T) string {
	t.Helper()
	raw, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("there is no go to ask: ", err)
	}
	return strings.TrimSpace(string(raw))
}

// The whole trick on a small program instead of the gateway.
func TestOverlayStepsTheClock(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the standard library")
	}
	root, dir, module := goroot(t), t.TempDir(), t.TempDir()
	list, err := overlay(dir, root, module)
	require.NoError(t, err)
	raw, err := os.ReadFile(list)
	require.NoError(t, err)
	var replaced struct{ Replace map[string]string }
	require.NoError(t, json.Unmarshal(raw, &replaced))
	require.Len(t, replaced.Replace, 3)

	main := filepath.Join(module, "cmd", "voorpoort")
	require.NoError(t, os.MkdirAll(main, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("module example.org/stepped\n"), 0o600))
	program := `package main
import "time"
func main() {
	began := time.Now()
	for time.Since(began) < 300*time.Millisecond { time.Sleep(time.Millisecond) }
	println(time.Now().Unix(), time.Since(began) < time.Minute)
}`
	require.NoError(t, os.WriteFile(filepath.Join(main, "main.go"), []byte(program), 0o600))
	clock := filepath.Join(dir, "clock")
	require.NoError(t, setClock(clock, -time.Hour))
	cmd := exec.CommandContext(t.Context(), "go", "run", "-overlay", list, "./cmd/voorpoort")
	cmd.Dir, cmd.Env = module, append(os.Environ(), clockFile+"="+clock, "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	told := strings.Fields(string(out))
	require.Len(t, told, 2, string(out))
	seconds, err := strconv.ParseInt(told[0], 10, 64)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(-time.Hour), time.Unix(seconds, 0), time.Minute)
	require.Equal(t, "true", told[1], "what has passed is measured by the other clock")
}

func TestOverlayNeedsTheSources(t *testing.T) {
	t.Parallel()
	_, err := overlay(t.TempDir(), t.TempDir(), t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Error(t, setClock(filepath.Join(t.TempDir(), "no", "folder"), time.Hour))
}
