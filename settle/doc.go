// Package settle finds out what became of a write and makes messages of it.
//
// An [Answer] keeps a copy of what the register says while it goes to the
// client, and holds back the end until the write is settled. A [Intent] is what
// a hold keeps, so that a write whose answer nobody saw can be settled later:
// see [Inquiry]. [Messages] addresses events to the webhooks that follow them.
//
// The package knows HTTP, events, webhooks and the delivery store's words. It
// does not know Caddy.
package settle
