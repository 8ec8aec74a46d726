package event

// Quality says how sure it is that an [Image] is the resource as it was immediately before the write.
type Quality string

// The qualities of an image. They are the values of the extension attribute beforeimage.
const (
	// Exact: the write was made conditional on the image's ETag (RFC 9110 section 13.1.1), so that nobody can have written
	// in between.
	Exact Quality = "exact"

	// BestEffort: somebody may have written in between.
	BestEffort Quality = "besteffort"
)

// Image is a resource as it was before a write. Body is one JSON value that has passed strictjson.Check, or empty when the
// register had no such resource.
type Image struct {
	Body    []byte
	ETag    string // as the register sent it; empty if it sent none
	Quality Quality
}

// known reports whether there is something to tell.
func (i *Image) known() bool { return i != nil && len(i.Body) > 0 }
