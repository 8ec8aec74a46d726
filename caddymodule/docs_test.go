package caddymodule

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor/apply"
	"github.com/voorpoort/voorpoort/request"
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
		slices.Sorted(maps.Keys(ruleWords)), slices.Sorted(maps.Keys(tlsWords)), request.Relaxations(), laterWords,
		slices.Sorted(maps.Keys(oauth2Words)), slices.Sorted(maps.Keys(zgwJWTWords)), slices.Sorted(maps.Keys(redisWords)),
		event.Presets(), {"local", "redis"}, storeDownPolicies, guarantees, formats, retryPolicies,
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

func TestEveryFieldOfTheJSONIsDocumented(t *testing.T) {
	t.Parallel()
	text := readText(t, manual)
	for _, value := range []any{
		App{}, Handler{}, Retention{}, LocalStorage{}, RedisStorage{}, event.Rule{}, event.Action{},
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

// TestTheTablesOfThePresets compares them with the data of the presets.
func TestTheTablesOfThePresets(t *testing.T) {
	t.Parallel()
	text := readText(t, manual)
	for _, name := range event.Presets() {
		_, section, found := strings.Cut(text, "\n### "+name+"\n")
		require.True(t, found)
		section, _, _ = strings.Cut(section, "\n#")
		var preset struct {
			Prefixes []string
			Rules    []event.Rule
		}
		require.NoError(t, json.Unmarshal([]byte(readText(t, "../event/presets/"+name+".json")), &preset))
		for _, prefix := range preset.Prefixes {
			require.Contains(t, section, "`"+prefix+strings.Repeat("/", 1-min(1, len(prefix)))+"`")
		}
		documented, existing := rowsOf(t, section), 0
		for _, rule := range preset.Rules {
			for method, action := range rule.Actions {
				row, ok := documented[method+" "+rule.Path]
				require.True(t, ok, "%s %s is in no table", method, rule.Path)
				require.Equal(t, rowOf(rule, action), row, "%s %s", method, rule.Path)
				existing++
			}
		}
		require.Len(t, documented, existing, "a row of %s that the preset does not have", name)
	}
}

// tableRow is what the documents say of one method of a rule, as it is written
// there, without backticks.
type tableRow struct{ Before, After, Classes, Subject string }

// rowsOf gives the rows of a preset's tables by method and path. The head of a
// table names its columns.
func rowsOf(t *testing.T, section string) map[string]tableRow {
	t.Helper()
	rows, columns := map[string]tableRow{}, map[string]int{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.ReplaceAll(strings.Trim(line, "| \n"), "`", ""), " | ")
		switch {
		case cells[0] == "method":
			clear(columns)
			for i, name := range cells {
				columns[name] = i
			}
			continue
		case len(cells) < 2 || !strings.HasPrefix(cells[1], "/"):
			continue
		}
		cell := func(name string) string {
			if i, ok := columns[name]; ok && i < len(cells) {
				return strings.Trim(cells[i], " |")
			}
			return ""
		}
		for method := range strings.SplitSeq(cell("method"), ", ") {
			rows[method+" "+cell("path")] = tableRow{cell("before"), cell("after"), cell("class aliases"), cell("subject")}
		}
	}
	return rows
}

// rowOf gives the row that an action should have.
func rowOf(rule event.Rule, action event.Action) tableRow {
	before, after := typesOf(rule, action)
	var classes []string
	for _, class := range []string{action.BeforeClass, action.AfterClass} {
		if class != "" {
			classes = append(classes, class[strings.LastIndexByte(class, '\\')+1:])
		}
	}
	subject := rule.Subject
	if action.AfterSubject != "" && action.AfterSubject != subject {
		subject = cmp.Or(subject, "none") + "; " + action.AfterSubject
	}
	return tableRow{before, after, strings.Join(classes, ", "), subject}
}

// typesOf gives the types before and after an action.
func typesOf(rule event.Rule, action event.Action) (before, after string) {
	verbs := map[string][2]string{
		"create": {"creating", "created"}, "update": {"updating", "updated"}, "delete": {"deleting", "deleted"},
	}[action.Name]
	before, after = action.Before, action.After
	if verbs[0] != "" {
		before = cmp.Or(before, rule.Resource+"."+verbs[0])
	}
	if verbs[1] != "" && len(action.AfterEvents) == 0 {
		after = cmp.Or(after, rule.Resource+"."+verbs[1])
	}
	var several []string
	for _, e := range action.AfterEvents {
		if !slices.Contains(several, e.Type) {
			several = append(several, e.Type)
		}
	}
	return before, cmp.Or(after, strings.Join(several, ", "))
}

// TestTheExamplesWork loads every Caddyfile and every JSON configuration of the
// documents. An example that is a part of one is put where it belongs.
func TestTheExamplesWork(t *testing.T) {
	files, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	secrets := secretFiles(t)
	count := 0
	for _, file := range append(files, "../README.md") {
		for i, example := range examples(readText(t, file)) {
			t.Run(fmt.Sprintf("%s-%d", filepath.Base(file), i+1), func(t *testing.T) {
				for _, variable := range regexp.MustCompile(`\{env\.([A-Z0-9_]+)\}`).FindAllStringSubmatch(example.text, -1) {
					t.Setenv(variable[1], anySecret)
				}
				text := strings.ReplaceAll(example.text, "/run/secrets/", secrets+"/")
				switch {
				case example.language == "caddyfile":
					loadsSomewhere(t, text)
				case strings.Contains(text, `"apps"`):
					require.NoError(t, provisionConfig([]byte(text)), text)
				default:
					require.True(t, json.Valid([]byte(text)), text)
				}
			})
			count++
		}
	}
	require.Greater(t, count, 10)
}

// anySecret is fit for every signature scheme.
const anySecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

type example struct{ language, text string }

// examples gives the fenced blocks of Caddyfile and JSON, without the
// indentation of the list that they may stand in.
func examples(document string) []example {
	var found []example
	for _, block := range regexp.MustCompile("(?ms)^( *)```(caddyfile|json)\n(.*?)^ *```$").FindAllStringSubmatch(document, -1) {
		text := regexp.MustCompile("(?m)^"+block[1]).ReplaceAllString(block[3], "")
		found = append(found, example{language: block[2], text: text})
	}
	return found
}

// loadsSomewhere loads an example in one of the places where its words belong: a
// site, the global options, the block of our own, or as it is.
func loadsSomewhere(t *testing.T, text string) {
	t.Helper()
	const site = "\n:8080 {\n\tvoorpoort openregister\n\treverse_proxy localhost:9000\n}\n"
	var faults []string
	for _, place := range []string{
		":8080 {\n%s\n}\n",
		"{\n%s\n}\n" + site,
		"{\nvoorpoort {\n%s\n}\n}\n" + site,
		"%s",
	} {
		config, err := adaptText(fmt.Sprintf(place, text))
		if err == nil {
			err = provisionConfig(config)
		}
		if err == nil {
			return
		}
		faults = append(faults, err.Error())
	}
	t.Fatalf("%s\nfits nowhere:\n%s", text, strings.Join(faults, "\n"))
}

func adaptText(text string) ([]byte, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	return config, err
}

// provisionConfig does what `caddy validate` does.
func provisionConfig(config []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(config))
	decoder.DisallowUnknownFields()
	parsed := new(caddy.Config)
	if err := decoder.Decode(parsed); err != nil {
		return err
	}
	if parsed.AppsRaw["voorpoort"] == nil && !bytes.Contains(config, []byte(`"handler":`)) {
		return fmt.Errorf("nothing in it")
	}
	return caddy.Validate(parsed)
}

// secretFiles makes the files that the examples have below /run/secrets.
func secretFiles(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "example"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certificatePEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	for name, content := range map[string][]byte{
		"ca.pem": certificatePEM, "client.pem": certificatePEM,
		"client.key":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		"kadaster-new": []byte(anySecret), "kadaster-old": []byte(anySecret),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	return folder
}
