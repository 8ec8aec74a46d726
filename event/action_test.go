package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTypesAreDerivedForTheStandardNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"create": {"cat.creating", "cat.created"},
		"update": {"cat.updating", "cat.updated"},
		"delete": {"cat.deleting", "cat.deleted"},
	} {
		a := Action{Name: name}.withDefaults("cat")
		require.Equal(t, want, [2]string{a.Before, a.After})
		a = Action{Name: name, Before: "x", After: "y"}.withDefaults("cat")
		require.Equal(t, [2]string{"x", "y"}, [2]string{a.Before, a.After}, "what is given stays")
	}
	require.Equal(t, Action{Name: "lock"}, Action{Name: "lock"}.withDefaults("cat"))
	require.Equal(t, Action{Name: "create"}, Action{Name: "create"}.withDefaults(""))
}

func TestActionsOfYourOwn(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{{
		Path: "/mail/{box}/send", Subject: "mail:{box}",
		Actions: map[string]Action{
			"POST":  {Name: "send", Before: "mail.{box}.sending", BeforeClass: "Sending", After: "mail.sent", AfterClass: "Sent"},
			"PURGE": {Name: "purge", Before: "mail.purging"},
		},
	}}})
	e := before(t, table, request("POST", "/mail/Out/send", "{}"))
	require.Equal(t, Type{Name: "mail.out.sending", Class: "Sending"}, e.Type)
	require.Equal(t, []string{"sending"}, e.ActionNames())
	require.Empty(t, e.Resource)
	require.Equal(t, "mail.purging", before(t, table, request("purge", "/mail/Out/send", "")).Type.Name)
	require.Equal(t, []Type{{Name: "mail.{box}.sending", Class: "Sending"}, {Name: "mail.purging"}}, table.TypesOf(Before))
	require.Equal(t, []Type{{Name: "mail.sent", Class: "Sent"}}, table.TypesOf(After))
}
