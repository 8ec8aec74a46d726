// Package delivery tells others about writes that the register has accepted: at
// least once, whatever is killed, cut off or full in between.
//
// The words, each with one meaning:
//
//   - A message is one CloudEvent that is kept for delivery. Its bytes are stored
//     once and never change.
//   - A lane is the queue of one webhook.
//   - A delivery is one message in one lane. It is pending until it is delivered,
//     dead or skipped.
//   - A lease is the right to attempt a delivery until a time. There is one
//     structure for what is due and what is leased: a leased delivery is one that
//     is due again when its lease ends.
//   - An attempt is one call to the receiver. Each is a row of the log.
//   - A dead letter is a delivery that is not attempted again until a person asks
//     for it.
//   - A hold is the intent of a write, kept from before the register is touched
//     until it is settled: released together with the messages that came of it, or
//     dropped. An orphan is a hold whose owner is gone.
//   - A document is what people manage, such as a webhook that was made at run
//     time. All gateways on a store share it.
//
// A subscriber may also fetch its messages by itself: its lane is a pull lane,
// which the engine leaves alone; leases are the subscriber's, and to settle one
// is to acknowledge the message.
//
// A [Store] keeps all of this; packages local and redis are stores, and package
// storetest is the suite that both pass. The [Engine] leases, sends and
// reschedules.
package delivery
