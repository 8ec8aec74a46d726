// Package asynq compares deliveries through Redis with asynq, a task queue that
// many Go programs use for it:
//
//	cd cmd/bench/asynq && go test -run Ratio -v -rounds 9
//
// Both have the same Redis with appendfsync everysec, the same receiver in a
// process of its own, the same event of 2 KiB, 64 callers that hand events over
// and 64 workers that call. An event counts when the receiver has answered 204.
// They run in turns, so that both see the same machine.
//
// It is a module of its own: the gateway does not depend on asynq.
package asynq
