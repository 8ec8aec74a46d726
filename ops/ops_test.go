package ops_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	rules     = "prometheus/voorpoort.rules.yml"
	ruleTests = "prometheus/voorpoort.rules_test.yml"
	dashboard = "grafana/voorpoort.json"
)

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

// program is a program of a Debian package, which a development machine may be
// without and the CI is not.
func program(t *testing.T, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("%s is missing: apt-get install %s", name, from)
	}
	require.NoError(t, err)
	return path
}

// TestTheRulesDoWhatTheirTestsSay runs the tests beside the rules.
func TestTheRulesDoWhatTheirTestsSay(t *testing.T) {
	t.Parallel()
	promtool := program(t, "promtool", "prometheus")
	for _, arguments := range [][]string{{"check", "rules", rules}, {"test", "rules", ruleTests}} {
		out, err := exec.CommandContext(t.Context(), promtool, arguments...).CombinedOutput()
		require.NoError(t, err, "%v\n%s", arguments, out)
	}
}

var alertName = regexp.MustCompile(`(?m)^ +- alert: (\w+)$`)

// TestEachAlertIsTestedAndExplained: in the tests of the rules as firing, and in
// the operator's document under its own name.
func TestEachAlertIsTestedAndExplained(t *testing.T) {
	t.Parallel()
	all, tests, explained := read(t, rules), read(t, ruleTests), read(t, "../docs/operating.md")
	names := alertName.FindAllStringSubmatch(all, -1)
	require.Len(t, names, strings.Count(all, "alert:"))
	for _, match := range names {
		name := match[1]
		require.Regexp(t, `alertname: `+name+`\n +exp_alerts:`, tests, "no test has it fire")
		require.Contains(t, all, "docs/operating.md#"+strings.ToLower(name)+"\n", "it points to its section")
		require.Contains(t, explained, "\n### "+name+"\n")
	}
}

var metricName = regexp.MustCompile(`caddy_voorpoort_[a-z_]+`)

// TestOnlyMetricsThatExist are asked for: each stands in the list of metrics,
// which a test of its own holds against the code.
func TestOnlyMetricsThatExist(t *testing.T) {
	t.Parallel()
	listed := read(t, "../docs/configuration.md")
	for _, path := range []string{rules, dashboard} {
		names := metricName.FindAllString(read(t, path), -1)
		require.NotEmpty(t, names)
		for _, name := range names {
			require.Contains(t, listed, "`"+strings.TrimSuffix(name, "_bucket")+"`", path)
		}
	}
}

// TestTheDashboardIsWhole: it can be imported, and each panel asks something and
// says what it shows.
func TestTheDashboardIsWhole(t *testing.T) {
	t.Parallel()
	var board struct {
		Title, UID string
		Panels     []struct {
			ID                 int
			Title, Description string
			Targets            []struct{ Expr string }
			GridPos            struct{ X, Y, W, H int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, dashboard)), &board))
	require.Equal(t, "voorpoort", board.UID)
	places, ids := map[[2]int]bool{}, map[int]bool{}
	for _, p := range board.Panels {
		require.NotEmpty(t, p.Title)
		require.NotEmpty(t, p.Description, p.Title)
		require.NotEmpty(t, p.Targets, p.Title)
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		place := [2]int{p.GridPos.X, p.GridPos.Y}
		require.False(t, places[place] || ids[p.ID], "%s covers another", p.Title)
		places[place], ids[p.ID] = true, true
		for _, target := range p.Targets {
			require.Equal(t, strings.Count(target.Expr, "("), strings.Count(target.Expr, ")"), p.Title)
		}
	}
}

// TestTheUnitIsHardened: systemd's own judgement of what the service may do.
func TestTheUnitIsHardened(t *testing.T) {
	t.Parallel()
	analyze := program(t, "systemd-analyze", "systemd")
	out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=yes", "--no-pager", "--threshold=25",
		"systemd/voorpoort.service").CombinedOutput()
	require.NoError(t, err, "%s", out) // an exposure above 2.5 fails
}
