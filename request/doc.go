// Package request gives the one canonical view of an HTTP request: the bytes
// that the webhooks are asked about are the bytes that the register gets, and
// nothing about the request can be read in two ways.
//
// A handler uses it in this order, on every request:
//
//  1. [CheckPath] refuses a path that a lenient register might read as another
//     one. It costs nothing for an ordinary path.
//  2. For a path that some rule names, whatever the method,
//     [ApplyMethodOverride] settles which method counts. On a path that some
//     rule names a POST that itself matches no rule still goes through steps 4
//     and 5 when [MayOverride] says so: its body may turn it into a PUT.
//  3. [CheckStreaming] refuses what is not one message with one answer.
//  4. [ReadBody] reads, decodes and checks the body.
//  5. [Body.ApplyMethodOverride] does for the body what step 2 did for the head.
//  6. [Body.Restore] puts the body back, or [Body.Replace] puts another one in
//     its place; [Body.Release] when the request is over.
//
// Every refusal is a [*Problem], which knows how to write itself as an
// application/problem+json answer (RFC 9457).
//
// The package uses net/http only and knows nothing of Caddy.
package request
