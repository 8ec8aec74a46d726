// Package console is the command line of a running gateway: it talks to the
// management API over HTTP and prints tables for people or JSON for programs.
//
// Each command is a file named after what it is about: webhooks.go, deliveries.go,
// deadletters.go, tail.go, sendtest.go, check.go, token.go. client.go makes the
// calls, exit.go says what a failure is, table.go prints.
//
// The package knows the API as its documentation does, and nothing else of this
// project: it works with a gateway of another version.
package console
