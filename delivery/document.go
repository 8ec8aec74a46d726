package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Limits of documents. They are what people make by hand or by program: a
// request must not fill a store, and all of a kind are in memory together.
const (
	MaxDocument     = 1 << 20 // bytes of Document.Data
	MaxDocumentKind = 32      // bytes of Document.Kind
	MaxDocumentKey  = 255     // bytes of Document.Key
)

var (
	// ErrExists says that there is a document with this kind and key already.
	ErrExists = errors.New("delivery: it exists already")

	// ErrChanged says that a document is not the revision any more that was
	// asked for: somebody else has changed it.
	ErrChanged = errors.New("delivery: it was changed meanwhile")

	// ErrBadDocument says that a document cannot be stored as it is.
	ErrBadDocument = errors.New("delivery: not a document")
)

// Document is a small thing that people manage, such as a webhook that was made
// through the API. All gateways on a store share it.
type Document struct {
	Kind string // of what there are many, like "webhook": lower-case ASCII letters, 1 to MaxDocumentKind bytes
	Key  string // unique in its kind, 1 to MaxDocumentKey bytes, no NUL; a UUID

	// Number is given at creation: unique in its kind, from 1, ascending, and
	// never used again, also not after the document was removed.
	Number uint64

	// Revision is another after each change, and never one that a document of
	// this kind and key had before; more than 0 when it is stored.
	Revision uint64

	Created time.Time // both by the store's clock
	Updated time.Time

	Data []byte // opaque to the store, at most MaxDocument bytes
}

// Documents is the store as the management of webhooks sees it. What a method
// has stored survives a crash of the gateway as soon as it returns nil.
type Documents interface {
	// Documents lists a kind by Number.
	Documents(ctx context.Context, kind string) ([]Document, error)

	// PutDocument stores a document. With Revision 0 it is new: ErrExists if
	// there is one of its kind and key. Otherwise it replaces exactly that
	// revision: ErrNotFound if there is no such document, ErrChanged if it has
	// another revision. The result has the Number, Revision, Created and Updated
	// that the store gave; those of d, except Revision, do not count.
	// ErrBadDocument if it is beyond the limits.
	PutDocument(ctx context.Context, d Document) (Document, error)

	// RemoveDocument removes exactly that revision; 0 stands for whichever it
	// is. ErrNotFound, ErrChanged.
	RemoveDocument(ctx context.Context, kind, key string, revision uint64) error

	// WatchDocuments calls changed once at the start, and then when documents
	// may have changed, by this gateway or another, within a second. Many
	// changes may be one call. Calls do not overlap. It returns when ctx ends,
	// with its error; it survives failures of the store by itself, and calls
	// changed when the store is back.
	WatchDocuments(ctx context.Context, changed func()) error
}

// Validate says what of a document cannot be; it is an ErrBadDocument.
func (d *Document) Validate() error {
	if err := validDocumentName(d.Kind, d.Key); err != nil {
		return err
	}
	if len(d.Data) > MaxDocument {
		return fmt.Errorf("%w: %d bytes; allowed is up to %d", ErrBadDocument, len(d.Data), MaxDocument)
	}
	return nil
}

func validDocumentName(kind, key string) error {
	if kind == "" || len(kind) > MaxDocumentKind {
		return fmt.Errorf("%w: a kind has 1 to %d bytes", ErrBadDocument, MaxDocumentKind)
	}
	for _, c := range []byte(kind) {
		if c < 'a' || c > 'z' {
			return fmt.Errorf("%w: a kind is of lower-case ASCII letters", ErrBadDocument)
		}
	}
	if key == "" || len(key) > MaxDocumentKey {
		return fmt.Errorf("%w: a key has 1 to %d bytes", ErrBadDocument, MaxDocumentKey)
	}
	if strings.ContainsRune(key, 0) {
		return fmt.Errorf("%w: a key has no NUL", ErrBadDocument)
	}
	return nil
}
