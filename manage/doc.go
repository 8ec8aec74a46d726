// Package manage is the API with which people and programs look after the
// gateway: webhooks in OpenRegister's shape, the log of calls, messages, dead
// letters, subscriptions, and what happens now. It is plain net/http and is
// mounted anywhere: see [New].
//
// What is served is one table of routes (route.go), each with its method, path,
// scope and types. handler.go finds the route of a request, access.go says
// whether the caller may use it, document.go reads bodies, page.go reads
// queries and makes cursors, problem.go writes refusals, and mask.go takes out
// of bodies what nobody may see. The operations are in files named after what
// they are about.
//
// A body and an answer are Go structs, from which openapi.json is made too;
// webhook.go and change.go show and change webhooks without ever showing a
// secret, and without losing one that a client sends back masked.
package manage
