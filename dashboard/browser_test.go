package dashboard

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/dashboard/sampleapi"
)

// chromiums are the names of the program, Debian's first.
var chromiums = []string{"chromium", "chromium-browser", "google-chrome"}

// patience is for a slow machine; here it takes two minutes.
const patience = 8 * time.Minute

// TestInABrowser runs the stories of browsertest in Chromium against the pages
// and the sample API, mounted under a prefix as at a register. With
// VOORPOORT_DASHBOARD and VOORPOORT_TOKEN they run against a gateway instead;
// VOORPOORT_STORIES names one of the files, and VOORPOORT_PICTURES a folder for
// pictures of every page.
//
// It needs node with npm, which fetches what the lock file names, and Chromium
// (Debian: apt-get install chromium).
func TestInABrowser(t *testing.T) {
	if os.Getenv("VOORPOORT_BROWSER") == "" && os.Getenv("VOORPOORT_DASHBOARD") == "" {
		t.Skip("a browser takes its time: make test runs this by itself, after the others, with VOORPOORT_BROWSER=1")
	}
	chromium := need(t, chromiums...)
	node, npm := need(t, "node"), need(t, "npm")
	if _, err := os.Stat("browsertest/node_modules/.package-lock.json"); err != nil {
		run(t, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	}
	address, token := os.Getenv("VOORPOORT_DASHBOARD"), os.Getenv("VOORPOORT_TOKEN")
	if address == "" {
		address, token = sample(t), sampleapi.Operator
	}
	t.Setenv("VOORPOORT_DASHBOARD", address)
	t.Setenv("VOORPOORT_TOKEN", token)
	t.Setenv("VOORPOORT_CHROMIUM", chromium)
	run(t, node, "--test-reporter=spec", cmp.Or(os.Getenv("VOORPOORT_STORIES"), "all.js"))
}

// sample serves the pages and the sample API as the gateway does: whatever has
// /api/ in its path is the API's.
func sample(t *testing.T) string {
	t.Helper()
	api := sampleapi.New(time.Now())
	pages := Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/sample/reload"):
			api.Reload()
		case strings.HasSuffix(r.URL.Path, "/sample/resumed"):
			_, _ = w.Write([]byte(strings.Join(api.Resumed(), ",")))
		case strings.Contains(r.URL.Path, "/api/"):
			api.ServeHTTP(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(api.Reload) // streams end before the server waits for them
	t.Setenv("VOORPOORT_SAMPLE", "yes")
	return server.URL + "/index.php/apps/openregister/"
}

// need finds a program, or ends the test: with a fault where CI should have
// installed it.
func need(t *testing.T, names ...string) string {
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

// run runs a program in browsertest.
func run(t *testing.T, program string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = "browsertest"
	output, err := command.CombinedOutput()
	if err != nil || testing.Verbose() {
		t.Log(string(output))
	}
	require.NoError(t, err)
}
