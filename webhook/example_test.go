package webhook_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// A webhook is written as OpenRegister documents it, compiled once, and shows
// nothing secret from then on.
func Example() {
	w, err := webhook.Parse([]byte(`{
		"name": "Felix Cat Validation",
		"url": "https://n8n.example/webhook/felix?token=abc",
		"events": ["OCA\\OpenRegister\\Event\\ObjectCreatingEvent"],
		"filters": {"schema": "pet-store-cat-schema", "data.@self.name": "Felix"},
		"secret": "my-secret",
		"timeout": "1500ms",
		"configuration": {"interceptRequests": true, "processResponse": true}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	hook, err := webhook.Compile(w, webhook.Defaults{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hook)
	fmt.Println(hook.Method, hook.Timeout, hook.Strategy, hook.OnFailure)
	// Output:
	// webhook "Felix Cat Validation" (POST https://n8n.example/webhook/felix)
	// POST 1.5s merge reject
}

// Every fault of a webhook is told at once, with its place.
func ExampleValidationError() {
	_, err := webhook.Compile(webhook.Webhook{
		Name: "check", URL: webhook.NewAddress("ftp://files.example"), Events: []string{"object.[creating"},
		Configuration: webhook.Configuration{InterceptRequests: true, Mode: "audit"},
	}, webhook.Defaults{})
	if invalid, ok := errors.AsType[*webhook.ValidationError](err); ok {
		for _, field := range invalid.Fields {
			fmt.Println(field)
		}
	}
	// Output:
	// /url: must be an absolute URL that begins with http:// or https://
	// /events/0: has a "[" without its "]"
	// /configuration/mode: is "audit"; allowed are "enforce", "warn", "shadow", "off"
}

// A call carries the signatures that the receiver expects.
func ExampleHook_Sign() {
	hook, err := webhook.Compile(webhook.Webhook{
		Name: "check", URL: webhook.NewAddress("https://hooks.example/"),
		Secrets:       []webhook.Secret{webhook.NewSecret("my-secret")},
		Signatures:    []webhook.Scheme{webhook.SHA256},
		Configuration: webhook.Configuration{InterceptRequests: true},
	}, webhook.Defaults{})
	if err != nil {
		fmt.Println(err)
		return
	}
	header := http.Header{}
	hook.Sign(header, "0199e2a4-7c00-7000-8000-000000000001", time.Unix(1760000000, 0), []byte(`{"key":"value"}`))
	fmt.Println(header)
	// Output:
	// map[X-Signature:[sha256=fbde39337b529a887fba290e322809bd8530d9ba68d2c4c869d1394cc07bd99e]]
}

// A registry finds the webhooks for an event; the filters decide in the end.
func ExampleRegistry() {
	compile := func(name string, schemas ...[]byte) *webhook.Hook {
		hook, err := webhook.Compile(webhook.Webhook{
			Name: name, URL: webhook.NewAddress("https://hooks.example/"),
			Filters:       []webhook.Filter{{Path: "schema", Values: schemas}},
			Configuration: webhook.Configuration{InterceptRequests: true},
		}, webhook.Defaults{})
		if err != nil {
			panic(err)
		}
		return hook
	}
	cat, dog := []byte(`"cat"`), []byte(`"dog"`)
	registry := webhook.NewRegistry([]*webhook.Hook{compile("dogs", dog), compile("cats", cat), compile("pets", cat, dog)})

	table, err := event.Compile(event.Config{Presets: []string{"openregister"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	match, _ := table.Match(http.MethodPost, "/api/objects/shop/cat")
	e, _, err := match.Before(&event.Request{Method: http.MethodPost, Path: "/api/objects/shop/cat", Body: []byte(`{}`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hook := range registry.Snapshot().Interceptors(e).Validating {
		wanted, err := hook.Matches(e, e.Request.Body)
		fmt.Println(hook.Name, wanted, err)
	}
	// Output:
	// cats true <nil>
	// pets true <nil>
}
