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
// The entity is in webhook.go; parse.go and reader.go read it, plain.go and
// document.go write it. compile.go checks and compiles it with the help of the
// files named after what they check (name.go, address.go, header.go, tls.go,
// choice.go); role.go says who is asked and who is told. Event patterns are in
// pattern.go; filters in filter.go, where their paths lead in path.go, and their
// evaluation in evaluate.go; signatures in signature.go, key.go and signer.go.
// What concerns deliveries is in format.go, retry.go, order.go and credential.go,
// and is read and written by member.go. registry.go and snapshot.go hold the
// hooks, index.go, bucket.go, list.go and wildcard.go are the index, and lookup.go
// finds the candidates.
//
// Nothing here ever shows a secret, the value of a custom header, or the
// credentials and query of a URL; see [Secret].
package webhook
