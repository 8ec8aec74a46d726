// Package event says what an HTTP request means: which action on which resource it is, and how that is told to others.
//
// A [Table] is compiled once from [Config]: rules of the operator's own and the rules of presets, which are data of
// the same form. For each request [Table.Match] finds the rules for its method and path without allocating, [Match.Before]
// decides which of them holds and gives the [Event], and [Event.AppendJSON] writes it as a CloudEvent (version 1.0.2,
// structured JSON) around the bytes of the request body, which are copied verbatim.
//
// Rules may carry expressions in the Common Expression Language (https://cel.dev); see [CompileCondition] for the
// variables.
//
// Everything in a compiled table is immutable and safe for concurrent use.
package event
