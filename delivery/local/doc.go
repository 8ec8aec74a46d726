// Package local is the store that needs no set-up: one folder on one disk, for
// one gateway. What it acknowledges survives kill -9 and, as far as the disk
// keeps its word, a loss of power.
//
// It has two halves:
//
//   - The journal is a row of append-only files. One goroutine takes the calls
//     that wait, writes them, flushes the file once, and answers all of them; a
//     lone caller waits for one flush and for nothing else.
//   - The index is a bbolt file with layers of memory above it. A second
//     goroutine applies what the journal has acknowledged to the young layer, in
//     order, where it is seen at once. A third writes the layer as a whole when
//     it is 250 ms old or has 4 MiB, or when somebody asks for what only the file
//     has: in one transaction, which also has the position that was reached.
//     Files of the journal behind it are removed. What has come and gone in one
//     layer, as nearly every delivery has, is one row.
//
// Opening the store applies what the index has not seen. A record that a crash
// cut off at the end of the journal was never acknowledged, and is passed over.
// Damage anywhere else is never repaired in silence: [Open] fails with a
// [DamageError], and [Salvage] keeps all that can be read.
//
// Documents have no part in the journal: each change is a small transaction of
// the index.
//
// Leases are kept in memory: the folder has one owner, so that after a crash
// there is nobody who could hold one, and everything that is pending is due
// again at its time. The result of an attempt is applied at once but is not in
// the journal: until its layer is written a crash may undo it, and the attempt
// is made again.
//
// Times are the wall clock's. Each pending delivery has the time at which its
// due time was reckoned; when the clock is found to be before the latest time
// that the store knew, those that were reckoned later than now are moved.
//
// Memory holds the next deliveries of each lane, the leases, the ids of the
// holds, a cache of messages and the layers; all of it is bounded but the leases
// and the holds, which the callers bound.
package local
