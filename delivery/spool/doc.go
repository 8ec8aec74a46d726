// Package spool keeps writes going while a shared store cannot be reached: what
// it would have been told is kept in a store of this machine, and told to it in
// order when it is back. What that will never have is put aside, so that the
// rest is not held up.
package spool
