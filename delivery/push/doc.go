// Package push makes one attempt to deliver a message over HTTP: it writes the
// message in the lane's format, signs exactly the bytes that are sent, obtains
// credentials, calls the receiver and says what that came to. It keeps nothing
// about messages and never tries again later: that is the engine's.
//
// A receiver is not trusted. Redirects are not followed, answers are read up to
// a limit, addresses can be refused after name resolution, and whatever happens
// is a [delivery.Result] whose text holds no secret.
package push
