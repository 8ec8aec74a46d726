// Package e2e holds black-box tests: the built gateway as a process of its own,
// real sockets on both sides, an upstream that records what reaches it, and
// interceptors that answer what a test tells them.
//
// The tests are named after what a user relies on; the file names are the
// subjects. The harness is gateway_test.go (the process), upstream_test.go (the
// register), service_test.go (the interceptors) and client_test.go (requests,
// also ones that no well-behaved client would send). stand_test.go puts many
// webhooks beside each other, each with a schema of its own, so that one process
// serves many cases; theatre_test.go is a register with every kind of answer.
//
// Attacks on the gate have a harness of their own on top of it: wire_test.go (a
// register that reads its sockets itself), siege_test.go (gate, register and
// validator, and one request through them) and verdict_test.go (what may come of
// it: refused and unheard of, or judged as it arrived).
package e2e
