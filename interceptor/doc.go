// Package interceptor is the synchronous half of the gateway: it asks the
// webhooks that subscribed to a before-event what they think of a write, and
// decides whether and how that write goes on.
//
// A [Gate] takes an event and returns a [Decision]. Webhooks that may change
// the body are asked first, one after another, each on the result of the last;
// the others are asked side by side on the final body. One call is made by
// call.go, its answer is read by answer.go, a failed call is judged by
// failure.go, and the body is changed by the sub-package apply.
//
// The package knows nothing of Caddy and nothing of delivery.
package interceptor
