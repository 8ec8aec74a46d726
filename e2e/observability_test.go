package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// scrape reads the gateway's own metrics, by name and labels as they are written.
func scrape(t testing.TB, g *gateway) map[string]float64 {
	t.Helper()
	got := insist(t, http.MethodGet, g.Admin+"/metrics", "")
	require.Equal(t, http.StatusOK, got.Status)
	metrics := map[string]float64{}
	for line := range strings.SplitSeq(got.Body, "\n") {
		if !strings.HasPrefix(line, "caddy_voorpoort_") {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(line[cut+1:], 64)
		require.NoError(t, err, line)
		metrics[line[:cut]] = value
	}
	return metrics
}

// TestMetricsCountAndOutliveReloads: known traffic, a reload, the same again.
func TestMetricsCountAndOutliveReloads(t *testing.T) {
	t.Parallel()
	trials := []trial{
		{name: "approve", options: "intercept", answer: says(204, "", "")},
		{name: "modify", options: "intercept merge", answer: saysJSON(`{"data":{"x":true}}`)},
		{name: "reject", options: "intercept", answer: says(422, "", "")},
		{name: "closed", options: "intercept", answer: says(500, "", "")},
		{name: "open", options: "intercept;on_failure allow", answer: says(500, "", "")},
		{name: "flag", options: "intercept;on_timeout flag;timeout 50ms", answer: hangs},
		{name: "nobody", options: "intercept;on_unreachable allow", url: "http://127.0.0.1:1"},
		{name: "warn", options: "intercept;mode warn", answer: says(422, "", "")},
		{name: "shadow", options: "intercept;mode shadow", answer: says(422, "", "")},
	}
	s := newStand(t, trials)
	round := func() {
		for _, trial := range trials {
			insist(t, http.MethodPost, s.URL+objectsOf(trial.name), sentBody)
		}
		send(t, http.MethodPost, s.URL+objectsOf("approve"), `{"a":1,"a":2}`) // refused
		send(t, http.MethodGet, s.URL+objectsOf("approve"), "")               // nobody's business
	}
	check := func(n float64) {
		var m map[string]float64
		const shadow = `caddy_voorpoort_interceptions_total{mode="shadow",outcome="rejected",webhook="shadow"}`
		require.Eventually(t, func() bool { m = scrape(t, s.gateway); return m[shadow] == n }, 20*time.Second, 20*time.Millisecond)
		for webhook, labels := range map[string]string{
			"approve": `mode="enforce",outcome="approved"`,
			"modify":  `mode="enforce",outcome="modified"`,
			"reject":  `mode="enforce",outcome="rejected"`,
			"closed":  `mode="enforce",outcome="failed_closed"`,
			"open":    `mode="enforce",outcome="failed_open"`,
			"flag":    `mode="enforce",outcome="failed_flagged"`,
			"nobody":  `mode="enforce",outcome="failed_open"`,
			"warn":    `mode="warn",outcome="rejected"`,
		} {
			require.InDelta(t, n, m[fmt.Sprintf(`caddy_voorpoort_interceptions_total{%s,webhook=%q}`, labels, webhook)], 0, webhook)
			require.InDelta(t, n, m[fmt.Sprintf(`caddy_voorpoort_interception_duration_seconds_count{webhook=%q}`, webhook)], 0, webhook)
			require.Positive(t, m[fmt.Sprintf(`caddy_voorpoort_interception_sent_bytes_total{webhook=%q}`, webhook)], webhook)
		}
		sent := len(s.asked("modify")[0].Raw)
		require.InDelta(t, n*float64(sent), m[`caddy_voorpoort_interception_sent_bytes_total{webhook="modify"}`], 2*n)
		require.InDelta(t, n*float64(len(`{"data":{"x":true}}`)), m[`caddy_voorpoort_interception_received_bytes_total{webhook="modify"}`], 0)
		require.InDelta(t, n, m[`caddy_voorpoort_fail_open_total{reason="server_error",webhook="open"}`], 0)
		require.InDelta(t, n, m[`caddy_voorpoort_fail_open_total{reason="timeout",webhook="flag"}`], 0)
		require.InDelta(t, n, m[`caddy_voorpoort_fail_open_total{reason="unreachable",webhook="nobody"}`], 0)
		require.NotContains(t, m, `caddy_voorpoort_fail_open_total{reason="server_error",webhook="closed"}`)
		require.InDelta(t, n, m[`caddy_voorpoort_refused_requests_total{reason="invalid_json"}`], 0)
	}
	round()
	check(1)
	names := len(scrape(t, s.gateway))

	status, message := s.reload(t, globals(blocksOf(trials, s.s)...), "\theader X-Generation 2\n"+inFront(s.u)) // the very same would be no reload
	require.Equal(t, http.StatusOK, status, message)
	check(1)
	round()
	check(2)
	require.Len(t, scrape(t, s.gateway), names, "a label grows with the traffic")
}

// logLine is one line that the gateway wrote.
type logLine map[string]any

// lines are those of a logger.
func (g *gateway) lines(t testing.TB, logger string) []logLine {
	t.Helper()
	var found []logLine
	scanner := bufio.NewScanner(strings.NewReader(g.log()))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := logLine{}
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line), "%s", scanner.Text())
		if name, _ := line["logger"].(string); name == logger {
			found = append(found, line)
		}
	}
	require.NoError(t, scanner.Err())
	return found
}

// TestTheAccessLogTellsWhatTheGateDid with each request that it looked at.
func TestTheAccessLogTellsWhatTheGateDid(t *testing.T) {
	t.Parallel()
	trials := []trial{
		{name: "approve", options: "intercept", answer: says(204, "", "")},
		{name: "modify", options: "intercept merge", answer: saysJSON(`{"data":{"x":true,"y/z":[1]}}`)},
		{name: "reject", options: "intercept", answer: says(409, "", "")},
		{name: "closed", options: "intercept", answer: says(500, "", "")},
		{name: "flag", options: "intercept;on_failure flag", answer: says(500, "", "")},
	}
	u, s := register(t), answeringTrials(t, trials)
	g := start(t, globals(blocksOf(trials, s)...), "\tlog\n\tlog_append appended {http.voorpoort.outcome}\n"+inFront(u))
	rows := []struct {
		path, body string
		status     int
		outcome    any
		fields     logLine
	}{
		{objectsOf("approve"), `{}`, 201, "approved", nil},
		{objectsOf("modify"), `{}`, 201, "modified", logLine{"voorpoort_changed": []any{"modify:/x", "modify:/y~1z"}}},
		{objectsOf("reject"), `{}`, 409, "rejected", logLine{"voorpoort_webhook": "reject"}},
		{objectsOf("closed"), `{}`, 502, "unavailable", logLine{"voorpoort_webhook": "closed"}},
		{objectsOf("flag"), `{}`, 201, "flagged", nil},
		{objectsOf("refused"), `{`, 400, "refused", logLine{"voorpoort_reason": "invalid_json"}},
		{objectsOf("nobody"), `{}`, 201, nil, nil},
		{"/plain", `{}`, 201, nil, nil},
	}
	for _, row := range rows {
		require.Equal(t, row.status, send(t, http.MethodPost, g.URL+row.path, row.body).Status, row.path)
	}
	byPath := map[string]logLine{}
	require.Eventually(t, func() bool {
		for _, line := range g.lines(t, "http.log.access") {
			request, _ := line["request"].(map[string]any)
			byPath[fmt.Sprint(request["uri"])] = line
		}
		return len(byPath) == len(rows)
	}, 20*time.Second, 20*time.Millisecond)
	for _, row := range rows {
		line := byPath[row.path]
		require.InDelta(t, row.status, line["status"], 0, row.path)
		require.Equal(t, row.outcome, line["voorpoort"], row.path)
		for _, field := range []string{"voorpoort_changed", "voorpoort_webhook", "voorpoort_reason"} {
			if field == "voorpoort_changed" && row.fields[field] != nil {
				require.ElementsMatch(t, row.fields[field], line[field])
				continue
			}
			require.Equal(t, row.fields[field], line[field], row.path)
		}
		if row.outcome != nil && row.outcome != "refused" {
			require.Equal(t, s.at(strings.Replace(row.path, "/api/objects/pets", "", 1))[0].ID, line["voorpoort_event"])
			require.Equal(t, row.outcome, line["appended"])
		}
	}
	require.Equal(t, "untouched", byPath[objectsOf("nobody")]["appended"])
}

// TestEachFailedCallIsOneLine that says who and why, and nothing confidential.
func TestEachFailedCallIsOneLine(t *testing.T) {
	t.Parallel()
	rows := []struct {
		trial

		level, outcome, reason string
	}{
		{trial{name: "server-error", options: "intercept", answer: says(500, "", "")}, "warn", "failed_closed", "server_error"},
		{trial{name: "redirect", options: "intercept", answer: redirects(302)}, "warn", "failed_closed", "redirect"},
		{trial{name: "nonsense", options: "intercept", answer: saysJSON(`{"a":`)}, "warn", "failed_closed", "invalid_answer"},
		{trial{name: "timeout", options: "intercept;timeout 50ms;on_failure allow", answer: hangs}, "warn", "failed_open", "timeout"},
		{trial{name: "refused", options: "intercept;on_failure flag", url: "http://127.0.0.1:1"}, "warn", "failed_flagged", "unreachable"},
		{trial{name: "large", options: "intercept;max_answer 16", answer: saysJSON(`{"message":"longer than that"}`)}, "warn", "failed_closed", "answer_too_large"},
		{trial{name: "no-fit", options: "intercept custom;map a b.c", answer: saysJSON(`{"a":1}`)}, "warn", "failed_closed", "not_applicable"},
		{trial{name: "condition", options: "intercept;when `request.body.n > 1`", answer: says(204, "", "")}, "warn", "failed_closed", "condition_error"},
		{trial{name: "blocked", options: "intercept", answer: says(422, "", "")}, "info", "rejected", ""},
		{trial{name: "approved", options: "intercept", answer: says(204, "", "")}, "", "", ""},
	}
	var trials []trial
	for _, row := range rows {
		trials = append(trials, row.trial)
	}
	s := newStand(t, trials)
	for _, row := range rows {
		s.create(t, row.name, `{"b":1,"n":"many"}`)
	}
	found := map[string][]logLine{}
	for _, line := range s.lines(t, "voorpoort") {
		if line["msg"] == "interception" {
			name := fmt.Sprint(line["webhook"])
			found[name] = append(found[name], line)
		}
	}
	for _, row := range rows {
		if row.level == "" {
			require.Empty(t, found[row.name], "what goes well is not worth a line")
			continue
		}
		require.Len(t, found[row.name], 1, row.name)
		line := found[row.name][0]
		require.Equal(t, row.level, line["level"], row.name)
		require.Equal(t, row.outcome, line["outcome"], row.name)
		require.Equal(t, row.reason, line["reason"], row.name)
		require.Equal(t, "object.creating", line["event_type"])
		require.NotEmpty(t, line["event_id"])
	}
}

// TestThePlaceholdersWork where a configuration can use them.
func TestThePlaceholdersWork(t *testing.T) {
	t.Parallel()
	trials := []trial{
		{name: "modify", options: "intercept merge", answer: saysJSON(`{"data":{"x":true}}`)},
		{name: "reject", options: "intercept", answer: says(409, "", "")},
		{name: "flag", options: "intercept;on_failure flag", answer: says(500, "", "")},
	}
	u, s := register(t), answeringTrials(t, trials)
	names := []string{"event.id", "event.type", "event.source", "event.subject", "outcome", "webhook", "changed", "flags"}
	site := ""
	for _, name := range names {
		site += "\theader >X-" + strings.ReplaceAll(name, ".", "-") + " \"{http.voorpoort." + name + "}\"\n"
	}
	g := start(t, globals(blocksOf(trials, s)...),
		site+"\tvoorpoort openregister\n\treverse_proxy "+u.address()+" {\n\theader_up X-Event {http.voorpoort.event.id}\n\t}\n")
	told := func(trial string, status int) map[string]string {
		got := send(t, http.MethodPost, g.URL+objectsOf(trial), `{}`)
		require.Equal(t, status, got.Status)
		values := map[string]string{}
		for _, name := range names {
			values[name] = got.Header.Get("X-" + strings.ReplaceAll(name, ".", "-"))
		}
		require.Equal(t, s.at("/" + trial)[0].ID, values["event.id"])
		delete(values, "event.id")
		return values
	}
	want := func(trial string, more map[string]string) map[string]string {
		values := map[string]string{
			"event.type": "object.creating", "event.source": "/apps/openregister", "event.subject": "object:pets/" + trial,
			"outcome": "", "webhook": "", "changed": "", "flags": "",
		}
		maps.Copy(values, more)
		return values
	}
	require.Equal(t, want("modify", map[string]string{"outcome": "modified", "changed": "modify:/x"}), told("modify", 201))
	require.Equal(t, s.at("/modify")[0].ID, u.last(t).Header.Get("X-Event"))
	require.Equal(t, want("reject", map[string]string{"outcome": "rejected", "webhook": "reject"}), told("reject", 409))
	require.Equal(t, want("flag", map[string]string{"outcome": "flagged", "flags": `"flag";reason=server_error`}), told("flag", 201))
	require.Equal(t, []string{""}, send(t, http.MethodGet, g.URL+"/plain", "").Header.Values("X-Outcome"), "there is none")
}
