// Package local is the store that needs no set-up: one folder on one disk, for
// one gateway. What it acknowledges survives kill -9 and, as far as the disk
// keeps its word, a loss of power.
//
// It has two halves:
//
//   - The journal is a row of append-only files. One goroutine takes the calls
//     that wait, writes them, flushes the file once, and answers all of them; a
//     lone caller waits for one flush and for nothing else.
//   - The index is a bbolt file. A second goroutine applies what the journal has
//     acknowledged, in order and in large transactions that also hold the
//     position that was reached. Files of the journal behind it are removed.
//
// Opening the store applies what the index has not seen. A record that a crash
// cut off at the end of the journal was never acknowledged, and is passed over.
// Damage anywhere else is never repaired in silence: [Open] fails with a
// [DamageError], and [Salvage] keeps all that can be read.
//
// Leases are kept in memory: the folder has one owner, so that after a crash
// there is nobody who could hold one, and everything that is pending is due
// again at its time. The result of an attempt is applied within milliseconds
// but not flushed by itself: a crash may undo it, and the attempt is made again.
//
// Memory holds the next deliveries of each lane, the leases, the ids of the
// holds, a cache of messages and what is on its way from the journal to the
// index; all of it is bounded but the leases and the holds, which the callers
// bound.
package local
