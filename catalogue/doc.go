// Package catalogue knows all webhooks of a gateway: those of its configuration,
// which only the configuration changes, and those that were made while it ran,
// which all gateways on a store share. It keeps the latter as documents of the
// store, with their secrets encrypted if there is a key, and has the whole put in
// force again whenever something changes, here or at another gateway.
//
// catalogue.go has the list and keeps it up to date, change.go changes it,
// entry.go is one line of it, and seal.go keeps the secrets of documents.
package catalogue
