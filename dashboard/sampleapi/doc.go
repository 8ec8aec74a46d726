// Package sampleapi is a register's busy day as the management API tells it: the
// routes and the JSON that the dashboard reads, with made-up webhooks, calls and
// dead letters in memory. It is for tests of the dashboard and for looking at it
// without a gateway. It does not deliver anything.
package sampleapi
