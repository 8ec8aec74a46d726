// Package redis is a [delivery.Store] that several gateways share: one Redis
// server (6.2 or later), one that Sentinel watches, or a cluster.
//
// # What it promises
//
// A method that returns nil has had its effect on the server. What survives then
// depends on how the server persists:
//
//   - appendonly yes, appendfsync always: everything, whatever is killed; power
//     loss too, if the disk keeps its promise.
//   - appendonly yes, appendfsync everysec: everything if a gateway is killed or
//     only the Redis process is; the last second or two if the machine stops.
//   - RDB snapshots only: what came after the last snapshot is lost when Redis
//     ends, by whatever cause.
//   - none: everything is lost when Redis ends.
//
// [Store.Warnings] tells which of these is found, and about a policy that evicts
// keys: only noeviction keeps events. A fail-over to a replica can lose what the
// replica had not received; [Config.Wait] makes each write wait for replicas,
// which narrows that window and does not close it (Redis replicates
// asynchronously).
//
// # Keys and memory
//
// All keys begin with a hash tag, "{voorpoort}:" unless [Config.Prefix] says
// otherwise, and so live in one slot: one node of a cluster carries one
// installation. Scripts name them; see scripts/prelude.lua for the list. A user
// restricted by ACL needs
//
//	~{voorpoort}:* &{voorpoort}:* +@read +@write +@connection +@scripting +@pubsub -@dangerous +time +wait +info
//
// and, for the warnings, +config|get (Redis 7.0) or nothing: without it the
// persistence is not judged. A message of 1.5 KiB for four lanes takes about 3.7 KiB
// while it is pending, and 3.0 KiB when it is delivered, until [Store.Purge]
// removes it; a row of the log about 0.8 KiB and the bodies it keeps.
//
// # Documents
//
// What people manage is in Redis too, and what changes is told to all gateways: by
// a notification, and by a revision that each looks at twice a second, so that a
// lost notification costs half a second. Revisions are times of the server's
// clock: none is used again, also if a replica takes over that had missed some.
//
// # Time
//
// What is due and what is leased is decided by the server's clock, so gateways
// whose clocks differ agree. Callers give and get times of their own clock: the
// store learns the difference from each answer, and a call whose idea of the
// server's clock is off by more than a second (a clock was set) counts by its
// distance from now instead. The resolution is a microsecond.
//
// # Failure
//
// Concurrent calls share round trips. Writes can be repeated: when a connection
// breaks before the answer, the store asks again for [Options.RetryFor] and no
// write is done twice. After that callers get an [*UnavailableError], and calls
// fail at once until the server answers again. Leases that were taken but whose
// answer was lost end by themselves.
package redis
