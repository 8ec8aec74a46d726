// Package webhook says what a webhook is: where it is, which events it wants,
// what it may do with a request, and what it needs to prove that a call comes
// from this gateway.
//
// A [Webhook] is the entity as people write it, in the JSON shape that
// OpenRegister documents, read by [Parse]. [Compile] checks it and turns it
// into a [Hook]: immutable, safe for use by many goroutines, with every path
// split, every pattern and expression compiled and every key decoded, so that
// nothing is parsed again per request. A [Registry] holds hooks and finds the
// few that concern an event among the many that do not.
//
// The files: webhook.go and parse.go are the entity and its reader, compile.go
// and the files named after what they check (address.go, header.go, tls.go,
// duration.go, later.go) the validation, pattern.go the event patterns,
// filter.go, path.go and evaluate.go the filters, signature.go and signer.go
// the signatures, registry.go, index.go and lookup.go the lookup.
//
// Nothing here ever shows a secret, the value of a custom header, or the
// credentials and query of a URL; see [Secret].
package webhook
