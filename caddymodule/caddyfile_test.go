package caddymodule

import (
	"fmt"
	"slices"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/stretchr/testify/require"
)

// optionBlocks are the blocks of the Caddyfile: the words of each, and a text
// around one option.
var optionBlocks = map[string]struct {
	words []string
	text  string
}{
	"global":  {wordsOf(globalWords), "voorpoort {\n%s\n}"},
	"handler": {wordsOf(handlerWords), "voorpoort {\n%s\n}"},
	"rule":    {wordsOf(ruleWords), "voorpoort {\nrule a /a {\n%s\n}\n}"},
	"action":  {wordsOf(actionWords), "voorpoort {\nrule a /a {\non POST b {\n%s\n}\n}\n}"},
	"event":   {wordsOf(afterEventWords), "voorpoort {\nrule a /a {\non POST b {\nafter_event c {\n%s\n}\n}\n}\n}"},
	"lookup":  {wordsOf(lookupWords), "voorpoort {\nrule a /a {\non POST b {\nlookup c {\n%s\n}\n}\n}\n}"},
	"webhook": {wordsOf(webhookWords), "voorpoort {\nwebhook a {\n%s\n}\n}"},
	"tls":     {wordsOf(tlsWords), "voorpoort {\nwebhook a {\ntls {\n%s\n}\n}\n}"},
	"oauth2":  {wordsOf(oauth2Words), "voorpoort {\nwebhook a {\noauth2 {\n%s\n}\n}\n}"},
	"zgw_jwt": {wordsOf(zgwJWTWords), "voorpoort {\nwebhook a {\nzgw_jwt {\n%s\n}\n}\n}"},
}

func wordsOf[T any](w words[T]) []string {
	var names []string
	for name := range w {
		names = append(names, name)
	}
	return names
}

func unmarshalBlock(block, options string) error {
	d := caddyfile.NewTestDispenser(fmt.Sprintf(optionBlocks[block].text, options))
	if block == "handler" {
		return new(Handler).UnmarshalCaddyfile(d)
	}
	return new(App).UnmarshalCaddyfile(d)
}

// validOptions is one value for each word that can be given alone.
var validOptions = map[string]string{
	"source": "urn:x", "preset": "rest", "headers": "Accept", "rule": "a /a", "alias": "p a b", "webhook": "w", "budget": "1s",
	"max_body": "1KiB", "max_answer": "1KiB", "max_buffered": "1KiB", "max_depth": "5", "max_shadow": "5",
	"store": "local /tmp/x", "on_store_down": "allow", "retention": "30d 1GiB", "egress_allow": "10.0.0.0/8", "operator": "a", "encryption_key": "k", "public_url": "https://h",
	"profile": "warn", "recover_after": "1m", "recover_horizon": "48h", "guarantee": "on-response", "recover_header": "A b", "setting": "open-klant label_length 40",
	"unparsed": "reject", "method_override": "strip", "relax_path": "backslash",
	"name": "n", "subject": "s", "when": "true", "subject_expression": "'s'", "data": "{}", "correlate": "'/a'", "on": "POST create",
	"dataschema": "urn:x", "whole_seconds": "", "extension": "a b", "before": "a.b", "before_class": "C", "before_image": "",
	"after": "a.b", "after_class": "C", "after_subject": "{new_id}", "after_data": "{}", "lookup": "a", "after_event": "a.b",
	"class": "C", "for_each": "[1]", "require": "true", "key": "k", "key_expression": "'k'", "path": "'/a'", "phase": "before",
	"optional": "",
	"url":      "http://h", "method": "PUT", "content_type": "application/json", "client": "voorpoort", "proxy": "http://p",
	"events": "a.*", "secret": "s", "signature": "sha256", "mode": "warn", "on_failure": "allow", "on_timeout": "allow",
	"on_unreachable": "allow", "filter": "a b", "intercept": "merge", "map": "a b\nintercept custom", "timeout": "1s", "order": "-1",
	"header": "A b", "breaker": "5 1s 2s", "enabled": "off", "tls": "",
	"async": "\nintercept", "format": "openregister", "batch": "5", "retry": "linear 2", "no_retry_on": "404 422", "ordered": "skip-after 3",
	"concurrency": "4", "oauth2": "", "zgw_jwt": "",
	"token_url": "http://t", "client_id": "a", "client_secret": "s", "scope": "a b", "audience": "a", "style": "post",
	"user_id": "a", "user_representation": "a",
	"ca": "f", "server_name": "n", "client_certificate": "c k", "insecure_skip_verify": "",
}

func TestAWordIsGivenOnceUnlessItsValuesAddUp(t *testing.T) {
	t.Parallel()
	other := map[string]string{"on": "PUT update", "filter": "c d", "map": "c d", "header": "C d", "recover_header": "C d", "setting": "other x y", "extension": "c d", "lookup": "c"}
	for block, b := range optionBlocks {
		for _, word := range b.words {
			require.Contains(t, validOptions, word, "a new word needs a value here")
			once := word + " " + validOptions[word]
			require.NoError(t, unmarshalBlock(block, once), once)
			again := once
			if value, ok := other[word]; ok {
				again = word + " " + value
			}
			err := unmarshalBlock(block, once+"\n"+again)
			if slices.Contains(addingWords, word) {
				require.NoError(t, err, word)
				continue
			}
			require.ErrorContains(t, err, fmt.Sprintf("%q is defined twice", word), block)
			require.ErrorContains(t, err, "Testfile:", "with its position")
		}
	}
}

// TestNoWordPanicsWhateverFollows gives every word of every block odd
// arguments: none, empty ones, too many, a block where none belongs.
func TestNoWordPanicsWhateverFollows(t *testing.T) {
	t.Parallel()
	odd := []string{"", `""`, `"" ""`, `"" "" "" ""`, "a", "a b", "a b c d e", "-1", "NaN", "1e999", "0", "{", "{\n}", "}", "a {\na b\n}", "off x", "\"\\\"\"", "\u00ff"}
	for block, b := range optionBlocks {
		for _, word := range b.words {
			for _, arguments := range odd {
				require.NotPanics(t, func() { _ = unmarshalBlock(block, word+" "+arguments) }, word+" "+arguments)
			}
			require.Error(t, unmarshalBlock(block, word+" a {\na b\n}"), "%s takes no such block", word)
			require.Error(t, unmarshalBlock(block, word+` "" "" "" "" "" ""  {`), word)
		}
		require.ErrorContains(t, unmarshalBlock(block, "nonsense"), "unrecognized option", block)
	}
}

func TestArgumentsThatAreMissingOrTooMany(t *testing.T) {
	t.Parallel()
	for block, options := range map[string][]string{
		"global":  {"source", "source a b", "preset", "headers", "budget", "budget 1s 2s", "budget -1s", "budget 0", "max_body 0", "max_body -1", "max_body 2TiB", "max_depth x", "max_shadow 1.5", "alias p", "alias p a", "webhook", "webhook a b", "rule a", "rule a /b c"},
		"handler": {"unparsed", "method_override a b", "relax_path", "budget x", "max_body x"},
		"rule":    {"on POST", "on POST a b c d", "on POST,POST a", "when", "when a b", "name", "whole_seconds yes", "extension a", "extension a b c", "extension a b\nextension a c", "setting a", "setting a b\nsetting a c"},
		"action":  {"before", "before a b", "before_image no", "lookup", "lookup a b", "lookup a\nlookup a", "after_event", "after_event a b"},
		"event":   {"when", "when a b", "key", "class a b"},
		"lookup":  {"path", "path a b", "phase now", "phase", "optional yes"},
		"webhook": {"url", "url a b", "events", "filter a", "filter", "intercept a b", "map a", "map a b c", "header a", "breaker", "breaker 1 2s 3s 4s", "order x", "enabled maybe", "mode loud", "on_failure ignore", "tls x", "secret", "timeout 0s", "max_answer 0", "async", "async yes\nintercept", "format", "format xml", "format a b", "batch", "batch x", "retry", "retry soon", "retry off 3", "retry linear x", "retry linear 1 2", "no_retry_on", "no_retry_on 4xx", "ordered maybe", "ordered skip-after", "ordered skip-after x", "ordered park 3", "concurrency", "oauth2 x", "zgw_jwt x"},
		"oauth2":  {"token_url", "client_id a b", "client_secret", "scope", "audience", "style digest"},
		"zgw_jwt": {"client_id", "secret", "secret a b", "user_id", "user_representation"},
		"tls":     {"ca", "client_certificate a", "client_certificate a b c", "insecure_skip_verify yes"},
	} {
		for _, option := range options {
			require.Error(t, unmarshalBlock(block, option), option)
		}
	}
}

func TestADirectiveOfSeveralSegmentsAddsUp(t *testing.T) {
	t.Parallel()
	var h Handler
	require.NoError(t, h.UnmarshalCaddyfile(caddyfile.NewTestDispenser("voorpoort rest\nvoorpoort openregister {\n\tmax_body 1KiB\n}")))
	require.Equal(t, []string{"rest", "openregister"}, h.Presets)
	require.Equal(t, int64(1024), h.MaxBody)
	require.NoError(t, new(Handler).UnmarshalCaddyfile(caddyfile.NewTestDispenser("")))
	require.NoError(t, new(App).UnmarshalCaddyfile(caddyfile.NewTestDispenser("")))
	require.Error(t, new(App).UnmarshalCaddyfile(caddyfile.NewTestDispenser("voorpoort rest")))
}
