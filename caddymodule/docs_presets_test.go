package caddymodule

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

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
