package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.Settings = map[string]any{"list": []any{"a"}, "n": 5.0, "half": 0.5, "on": true, "word": "x"}
	r.DataExpression = `[settings.n + 1, settings.half, "a" in settings.list, settings.on, settings["word"]]`
	e := before(t, compile(t, Config{Rules: []Rule{r}}), request("POST", "/a", ""))
	require.Contains(t, string(e.AppendJSON(nil, nil)), `"data":[6,0.5,true,true,"x"]`)

	r.DataExpression = "settings.nope"
	_, err := Compile(Config{Rules: []Rule{r}})
	require.ErrorContains(t, err, `"nope" is not a setting of the rule; its settings are half, list, n, on, word`)
}

func TestSettingsOfPresets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings Settings
		want     string
	}{
		"a preset that is not used": {Settings{"rest": {"x": 1}}, `"rest" is not among the presets`},
		"an unknown name":           {Settings{"open-klant": {"x": 1}}, `"x" is not a setting; the settings are label_length, object_types`},
		"a value of another type":   {Settings{"open-klant": {"label_length": "80"}}, `"label_length" is a string, but must be a number`},
		"a value of no type":        {Settings{"open-klant": {"label_length": nil}}, `"label_length" is a <nil>, but must be a number`},
	} {
		_, err := Compile(Config{Presets: []string{"open-klant"}, Source: "x", Settings: test.settings})
		require.ErrorContains(t, err, test.want, name)
	}
}

// TestASettingOfOneElement: a Caddyfile cannot tell a list of one from its element.
func TestASettingOfOneElement(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"zgw-Zaak", []any{"zgw-Zaak"}} {
		_, err := Compile(Config{Presets: []string{"open-klant"}, Source: "x", Settings: Settings{"open-klant": {"object_types": value}}})
		require.NoError(t, err)
	}
}
