// Package request gives the one canonical view of an HTTP request: the bytes
// that the webhooks are asked about are the bytes that the register gets, and
// nothing about the request can be read in two ways.
//
// A handler uses it in this order, on every request:
//
//  1. [DropTunnels] removes the offer to go on in another version of HTTP, on
//     any path and for any method. What [OnlyReads] then holds for may pass.
//  2. [DropPathOverride] and [CheckPath] see to it that the path is the path:
//     the second refuses one that a lenient register might read as another. It
//     costs nothing for an ordinary path.
//  3. For a path that some rule names, whatever the method, [DropHopByHop]
//     removes what no proxy forwards, and [CheckMethod] and
//     [ApplyMethodOverride] settle which method counts. On a path that some
//     rule names a POST that itself matches no rule still goes through the steps
//     below when [MayOverride] says so: its body may turn it into a PUT.
//  4. [CheckStreaming] refuses what is not one message with one answer.
//  5. [ReadBody] reads, decodes and checks the body.
//  6. [Body.ApplyMethodOverride] does for the body what step 3 did for the head.
//  7. [Body.Restore] puts the body back, or [Body.Replace] puts another one in
//     its place; [Body.Release] when the request is over.
//
// Every refusal is a [*Problem], which knows how to write itself as an
// application/problem+json answer (RFC 9457).
//
// The package uses net/http only and knows nothing of Caddy.
package request
