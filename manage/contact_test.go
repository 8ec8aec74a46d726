package manage

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseContact(t *testing.T) {
	t.Parallel()
	const name, email, site = "Gemeente Voorbeeld", "api@voorbeeld.nl", "https://voorbeeld.nl/api"
	for _, c := range []struct {
		places []string
		want   Contact
	}{
		{[]string{email}, Contact{name, email, ""}},
		{[]string{site}, Contact{name, "", site}},
		{[]string{email, site}, Contact{name, email, site}},
		{[]string{site, email}, Contact{name, email, site}},
	} {
		got, err := ParseContact(name, c.places...)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	for _, wrong := range [][]string{
		{name},
		{"", email},
		{" ", email},
		{name, "voorbeeld.nl"},
		{name, "Api <api@voorbeeld.nl>"},
		{name, email, email},
		{name, site, site},
		{name, "ftp://voorbeeld.nl"},
		{name, "https://"},
		{name, "https://user:secret@voorbeeld.nl"},
		{name, "://"},
	} {
		_, err := ParseContact(wrong[0], wrong[1:]...)
		require.ErrorContains(t, err, "contact", wrong)
		require.NotContains(t, err.Error(), "secret")
	}
	require.NoError(t, Contact{}.Validate())
}

// Whose gateway it is the document says as the operator wrote it. Else it names
// the project, and no address that nobody reads.
func TestTheDocumentSaysWhomToTurnTo(t *testing.T) {
	t.Parallel()
	contact := func(c Contact) any {
		raw, err := openAPI(newOffice(t).handler.routes, c)
		require.NoError(t, err)
		require.NotContains(t, string(raw), "example.com")
		var document map[string]any
		require.NoError(t, json.Unmarshal(raw, &document))
		return at(t, document, "info", "contact")
	}
	require.Equal(t, map[string]any{"name": "Voorpoort", "url": "https://github.com/voorpoort/voorpoort"}, contact(Contact{}))
	require.Equal(t, map[string]any{"name": "Ann", "email": "ann@voorbeeld.nl"}, contact(Contact{Name: "Ann", Email: "ann@voorbeeld.nl"}))
	served := newOffice(t, func(config *Config) { config.Contact = Contact{Name: "Ann", Email: "ann@voorbeeld.nl"} })
	require.Equal(t, "Ann", at(t, served.do("GET", "/openapi.json", "").ok(200), "info", "contact", "name"))
}
