// Package event says what an HTTP request means: which action on which resource it is, and how that is told to others.
//
// A [Table] is compiled once from [Config]: rules of the operator's own and the rules of presets, which are data of
// the same form. For each request [Table.Match] finds the rules for its method and path without allocating, [Match.Before]
// decides which of them holds and gives the [Event], and [Event.AppendJSON] writes it as a CloudEvent (version 1.0.2,
// structured JSON) around the bytes of the request body, which are copied verbatim.
//
// What became of the request is an [Exchange]: [Match.Choose] binds the match to its rule, [Match.Prepare] gets what the write may
// remove, and [Match.After] gives the events that follow when the register has acted, each written once. One that cannot be
// built is an [Unbuilt] in the error and does not take the others with it. A [Profile] compares events with the NL GOV profile.
//
// Rules may carry expressions in the Common Expression Language (https://cel.dev); see [CompileCondition] for the
// variables.
//
// Everything in a compiled table is immutable and safe for concurrent use.
package event
