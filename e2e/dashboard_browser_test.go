package e2e_test

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestInABrowser walks an operator's day through the dashboard of the built
// gateway: dashboard/browsertest/gateway.test.js, in Chromium. With
// VOORPOORT_STORIES=pictures.js and VOORPOORT_PICTURES=<folder> it makes the
// pictures of docs/dashboard.md instead.
//
// It needs node with npm, and Chromium; see TestInABrowser of dashboard.
func TestInABrowser(t *testing.T) {
	if os.Getenv("VOORPOORT_BROWSER") == "" {
		t.Skip("a browser takes its time: make test runs this by itself, after the others, with VOORPOORT_BROWSER=1")
	}
	chromium := oneOf(t, "chromium", "chromium-browser", "google-chrome")
	node, npm := oneOf(t, "node"), oneOf(t, "npm")
	if _, err := os.Stat("../dashboard/browsertest/node_modules/.package-lock.json"); err != nil {
		inBrowserTest(t, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	}
	w := newWatched(t)
	for name, value := range map[string]string{
		"VOORPOORT_DASHBOARD": w.URL + "/gateway/", "VOORPOORT_TOKEN": operatorToken, "VOORPOORT_CHROMIUM": chromium,
		"VOORPOORT_SITE": w.URL, "VOORPOORT_DOOR": w.door.URL, "VOORPOORT_RECEIVERS": w.receivers.URL, "VOORPOORT_SAMPLE": "",
	} {
		t.Setenv(name, value)
	}
	inBrowserTest(t, node, "--test-reporter=spec", cmp.Or(os.Getenv("VOORPOORT_STORIES"), "gateway.test.js"))
}

// oneOf finds a program that has several names, or ends the test: with a fault
// where CI should have installed it.
func oneOf(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		require.FailNow(t, "missing program", "%s is not installed", names[0])
	}
	t.Skipf("%s is not installed: the dashboard was not tried in a browser", names[0])
	return ""
}

// inBrowserTest runs a program where the stories are.
func inBrowserTest(t *testing.T, program string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute) // of a slow machine; here it takes one
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = "../dashboard/browsertest"
	output, err := command.CombinedOutput()
	if err != nil || testing.Verbose() {
		t.Log(string(output))
	}
	require.NoError(t, err)
}
