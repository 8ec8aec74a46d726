package webhook

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

func TestWarnings(t *testing.T) {
	t.Parallel()
	before := []event.Type{
		{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`},
		{Name: "{collection}.updating"},
	}
	after := []event.Type{{Name: "object.created", Class: `OCA\OpenRegister\Event\ObjectCreatedEvent`}}
	params := []string{"register", "schema"}
	for members, want := range map[string][]string{
		`"events":[]`: nil,
		`"events":["object.creating","*","OCA\\OpenRegister\\Event\\Object*","pets.updating","p?ts.*","[a-p]*.updating"]`: nil,
		`"events":["object.created","object.creating"]`:                                                                   {`events: "object.created" fits only events after the write, about which nobody can be asked; without intercept the webhook is told of them`},
		`"format":"openregister"`: {`format: "openregister" is for deliveries; an interceptor is always sent a structured CloudEvent`},
		`"format":"openregister","configuration":{"interceptRequests":true,"onTimeout":"queue"}`: nil,
		`"events":["object.creating","*.created","*"],"configuration":{}`: {
			`events: "object.creating" fits only events before the write, and this webhook is told of those after it; intercept to be asked about them`,
		},
		`"events":["*.created"],"configuration":{"interceptRequests":true,"async":true}`: {
			`events: "*.created" fits only events after the write, about which nobody can be asked; without intercept the webhook is told of them`,
		},
		`"configuration":{},"oauth2":{"tokenUrl":"HTTP://idp.example/token","clientId":"a","clientSecret":"b"}`: {
			`oauth2: tokenUrl is not https; anyone on the way can read the client secret`,
		},
		`"configuration":{},"oauth2":{"tokenUrl":"https://idp.example/token","clientId":"a","clientSecret":"b"}`: nil,
		`"events":["Object*Event"]`: {`events: "Object*Event" fits none of the events that the configured rules can produce`},
		`"filters":{"schema":"a","register":"b","action":"creating","objectType":"object","type":"x","object.a":1,"data.a":1,"request.body.a":1}`: nil,
		`"filters":{"shema":"a"}`:  {`filters: "shema" is no path parameter of the configured rules; it is looked up in the request body`},
		`"filters":{"before.a":1}`: {`filters: "before" looks at the object before the request, which only subscribers are told of; no value ever equals it`},
		`"filters":{"before.a":1,"response.status":201},"configuration":{}`: nil,
		`"filters":{"response.status":201}`:                                 {`filters: "response.status" is of the register's answer, which only subscribers are told of; it is looked up in the request body`},
		`"filters":{"request.host":"a"}`:                                    {`filters: "request.host" is none of request.method, request.path, request.query.<name>, request.headers.<Name> and request.body; no value ever equals it`},
		`"tls":{"insecureSkipVerify":true}`:                                 {`tls: insecureSkipVerify is on; anyone on the way to the webhook can read and change its answers`},
	} {
		require.Equal(t, want, compileJSON(t, members).Warnings(before, after, params), members)
	}
}

// TestMayCover: a parameter in a type's name may be anything, the rest is as it
// stands.
func TestMayCover(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"a.b", "a.b", true},
		{"a.b", "a.c", false},
		{"a.*", "{x}.b", true},
		{"*.b", "{x}.c", false},
		{"a?c.b", "{x}.b", true},
		{"a.b.c", "{x}.b.{y}", true},
		{"a.b", "{x}.b.{y}", false},
		{"a.[bc]", "{x}.b", true},
		{"a.[!b]", "{x}.b", false},
		{"x", "{x}", true},
		{"*", "a", true},
		{"*a*b*", "b{x}", true},
		{"?", "", false},
	} {
		p, err := parsePattern(tt.pattern)
		require.NoError(t, err)
		require.Equal(t, tt.want, p.mayCover(event.Type{Name: tt.name}), "%s on %s", tt.pattern, tt.name)
	}
}
