package caddymodule

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor/apply"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/settle"
)

// These tests keep the documents true: what the code takes and shows is in
// them, and what they show works.

const (
	manual     = "../docs/configuration.md"
	operations = "../docs/delivery.md"
	eventful   = "../docs/events.md"
)

func readText(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(raw)
}

// mentions wants each word somewhere in the text as code.
func mentions(t *testing.T, text string, words ...string) {
	t.Helper()
	require.NotEmpty(t, words)
	known := wordsInCode(text)
	for _, word := range words {
		require.True(t, known[word], "%q is not documented", word)
	}
}

// wordsInCode gives what stands between backticks outside of examples, taken
// apart: `on_failure <policy>` has on_failure in it, and `configuration.mode`
// has mode.
func wordsInCode(text string) map[string]bool {
	known := map[string]bool{}
	text = regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(text, "")
	for _, span := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
		for _, word := range strings.FieldsFunc(span[1], func(r rune) bool { return strings.ContainsRune(` |\\.`, r) }) {
			known[word] = true
		}
	}
	return known
}

func TestEveryWordOfTheCaddyfileIsDocumented(t *testing.T) {
	t.Parallel()
	text := readText(t, manual)
	for _, words := range [][]string{
		slices.Sorted(maps.Keys(globalWords)), slices.Sorted(maps.Keys(handlerWords)), slices.Sorted(maps.Keys(webhookWords)),
		slices.Sorted(maps.Keys(ruleWords)), slices.Sorted(maps.Keys(actionWords)), slices.Sorted(maps.Keys(afterEventWords)),
		slices.Sorted(maps.Keys(lookupWords)), slices.Sorted(maps.Keys(tlsWords)), request.Relaxations(),
		slices.Sorted(maps.Keys(oauth2Words)), slices.Sorted(maps.Keys(zgwJWTWords)), slices.Sorted(maps.Keys(redisWords)), slices.Sorted(maps.Keys(proxyWords)),
		event.Presets(),
		{"local", "redis"},
		storeDownPolicies, guarantees, formats, retryPolicies,
		{event.ProfileOff.String(), event.ProfileWarn.String(), event.ProfileStrict.String()},
		{string(apply.Merge), string(apply.Replace), string(apply.Custom), string(apply.MergePatch), string(apply.JSONPatch)},
		{request.StripOverride.String(), request.HonourOverride.String(), request.RejectOverride.String()},
		{request.RejectUnparsed.String(), request.PassAsBase64.String()},
	} {
		mentions(t, text, words...)
	}
	for _, field := range event.DefaultHeaders() {
		require.Contains(t, text, "`"+field+"`")
	}
}

// TestTheCommentsNameEveryPreset: what Caddy's own documentation is made of.
func TestTheCommentsNameEveryPreset(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"app.go", "handler.go"} {
		comment, _, _ := strings.Cut(readText(t, file), "\n\tPresets []string")
		_, comment, _ = strings.Cut(comment, "\t// Presets are")
		mentions(t, comment, event.Presets()...)
	}
}

func TestEveryFieldOfTheJSONIsDocumented(t *testing.T) {
	t.Parallel()
	text := readText(t, manual)
	for _, value := range []any{
		App{}, Handler{}, Proxy{}, Retention{}, LocalStorage{}, RedisStorage{}, event.Rule{}, event.Action{},
	} {
		mentions(t, text, fieldsOf(reflect.TypeOf(value))...)
	}
	mentions(t, text, fieldsOfAWebhook(t)...)
	for _, value := range []any{event.Rule{}, event.Action{}, event.AfterEvent{}, event.Lookup{}} {
		mentions(t, text+readText(t, eventful), fieldsOf(reflect.TypeOf(value))...)
	}
}

// fieldsOf gives the names of a struct's fields in JSON.
func fieldsOf(structure reflect.Type) []string {
	var names []string
	for field := range structure.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// fieldsOfAWebhook takes the names from the golden file with all options.
func fieldsOfAWebhook(t *testing.T) []string {
	t.Helper()
	_, golden, _ := strings.Cut(readText(t, "testdata/adapt/webhook_all_options.caddyfiletest"), "----------\n")
	var config struct {
		Apps struct {
			Voorpoort struct{ Webhooks []map[string]any }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(golden), &config))
	names := []string{"uuid", "useCloudEvents", "cloudEventSource", "cloudEventSubject"} // only JSON has these
	var collect func(object map[string]any)
	collect = func(object map[string]any) {
		for name, value := range object {
			names = append(names, name)
			if inner, ok := value.(map[string]any); ok && !slices.Contains([]string{"filters", "headers", "fieldMapping"}, name) {
				collect(inner)
			}
		}
	}
	for _, webhook := range config.Apps.Voorpoort.Webhooks {
		collect(webhook)
	}
	slices.Sort(names)
	// These two only hold others, which are written with the path to them.
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return name == "configuration" || name == "responseProcessing" || name == "breaker"
	})
}

func TestWhatAnOperatorSeesIsDocumented(t *testing.T) {
	t.Parallel()
	text := readText(t, manual)

	descriptions := make(chan *prometheus.Desc, 100)
	for _, collector := range sharedMetrics().collectors() {
		collector.Describe(descriptions)
	}
	breakers{}.Describe(descriptions)
	close(descriptions)
	name := regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	for description := range descriptions {
		found := name.FindStringSubmatch(description.String())
		require.Len(t, found, 3, description.String())
		labels := "none"
		if found[2] != "" {
			labels = "`" + strings.ReplaceAll(found[2], ",", "`, `") + "`"
		}
		require.Contains(t, text, "| `"+found[1]+"` | "+labels+" |")
	}

	for placeholder := range placeholders {
		require.Contains(t, text, "`{"+placeholderPrefix+placeholder+"}`")
	}
	fields := regexp.MustCompile(`zap\.Strings?\("(voorpoort[a-z_]*)"`).FindAllStringSubmatch(readText(t, "accesslog.go"), -1)
	require.NotEmpty(t, fields)
	for _, field := range fields {
		mentions(t, text, field[1])
	}
}

// TestEveryLineOfTheLogIsDocumented reads the messages from the source, where
// each is written once.
func TestEveryLineOfTheLogIsDocumented(t *testing.T) {
	t.Parallel()
	text := readText(t, manual)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	message := regexp.MustCompile(`ogger\.(?:Debug|Info|Warn|Error|Check)\((?:[a-zA-Z.]+, )?"([^"]+)"`)
	count := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, found := range message.FindAllStringSubmatch(readText(t, file), -1) {
			require.Contains(t, text, "| `"+found[1]+"` |", "of %s", file)
			count++
		}
	}
	require.Greater(t, count, 20)
}

// TestEveryReasonIsDocumented reads the closed sets from their source, since Go
// cannot list the constants of a type.
func TestEveryReasonIsDocumented(t *testing.T) {
	t.Parallel()
	contract := readText(t, "../docs/interceptors.md")
	for place, text := range map[string]string{
		"../request/*.go": readText(t, manual), "passage.go": readText(t, manual), "delivery.go": readText(t, manual),
		"look.go": readText(t, manual), "../interceptor/failure.go": contract, "../delivery/attempt.go": readText(t, operations),
	} {
		files, err := filepath.Glob(place)
		require.NoError(t, err)
		count := 0
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, found := range regexp.MustCompile(`\bReason(?: +=|:) +"([a-z_]+)"`).FindAllStringSubmatch(readText(t, file), -1) {
				require.Contains(t, text, "\n| `"+found[1]+"` |", "of %s", file)
				count++
			}
		}
		require.NotZero(t, count, place)
	}
}

// TestEveryOutcomeIsDocumented reads the values of the label `outcome`, and what
// recovery finds.
func TestEveryOutcomeIsDocumented(t *testing.T) {
	t.Parallel()
	text := readText(t, manual)
	found := regexp.MustCompile(`\bOutcome += "([a-z_]+)"`).FindAllStringSubmatch(readText(t, "../interceptor/decision.go"), -1)
	require.Greater(t, len(found), 5)
	for _, outcome := range found {
		mentions(t, text, outcome[1])
	}
	for _, finding := range []settle.Finding{settle.Happened, settle.DidNot, settle.Unknown} {
		require.Contains(t, text, "`"+finding.String()+"`")
	}
	for _, file := range []string{"announce.go", "follow.go", "queue.go"} {
		steps := regexp.MustCompile(`\b(?:gap|owe)\("([a-z]+)"`).FindAllStringSubmatch(readText(t, file), -1)
		require.NotEmpty(t, steps)
		for _, step := range steps {
			mentions(t, text, step[1])
		}
	}
}

// TestTheLinksLeadSomewhere follows the links between the documents, down to the
// heading.
func TestTheLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	links := 0
	for _, file := range append(files, "../README.md", "../CONTRIBUTING.md") {
		for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(readText(t, file), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			path, heading, _ := strings.Cut(link[1], "#")
			target := file
			if path != "" {
				target = filepath.Join(filepath.Dir(file), path)
			}
			text := readText(t, target)
			if heading != "" {
				require.Contains(t, anchorsOf(text), heading, "%s links to %s", file, link[1])
			}
			links++
		}
	}
	require.Greater(t, links, 100)
}

// anchorsOf gives what the headings of a document are called in links.
func anchorsOf(text string) []string {
	var anchors []string
	text = regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(text, "")
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		anchors = append(anchors, strings.ReplaceAll(name, " ", "-"))
	}
	return anchors
}
