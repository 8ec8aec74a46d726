package main

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// command runs the whole program with a fake gateway to its end.
func command(t *testing.T, kind string, args ...string) (output string, code int) {
	t.Helper()
	s := fakeStage(t, kind)
	args = append([]string{"-gateway", s.gateway, "-seed", "5", "-patience", "5s"}, args...)
	cmd := exec.CommandContext(context.Background(), os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asMain...), "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestProgramWithAGatewayThatStandsIt(t *testing.T) {
	t.Parallel()
	out, code := command(t, patient, "-only", "reload", "-rounds", "3", "-keep")
	require.Zero(t, code, out)
	require.Contains(t, out, "seed 5, 3 rounds")
	require.Regexp(t, `reload in a loop \|      3 .*\| +ok \|`, out)
	require.Contains(t, out, "the records are in")
}

func TestProgramWithAGatewayThatDoesNot(t *testing.T) {
	t.Parallel()
	out, code := command(t, liar, "-only", "reload", "-rounds", "5")
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "FAILED")
	require.Contains(t, out, errUnsound.Error())
}

func TestProgramRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		errSettings.Error():   {"-rounds", "0"},
		errNoScenario.Error(): {"-only", "no such thing"},
	} {
		out, code := command(t, patient, args...)
		require.Equal(t, 1, code)
		require.Contains(t, out, want)
	}
}
