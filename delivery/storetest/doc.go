// Package storetest holds every [delivery.Store] to its contract: [Run] has a
// subtest for each clause, and a random test that compares a store, step by step,
// with [Memory], the obvious store. [Bench] measures one.
//
// The suite uses the real clock, because a shared store has a clock of its own;
// it waits for what must happen and gives a slow machine time, and it never
// takes the absence of something for granted before it could have happened.
package storetest
