package event

import (
	"sync"

	"cel.dev/cel-go/common/types"
)

// facts are what the events of one exchange share.
type facts struct {
	response  *Response
	quality   Quality
	publicURL string
	deleted   bool // the action is DELETE: there is nothing after it

	body, before, answer document
	fetched              map[string]*document // by lookup, as far as events have asked
	got                  map[string]*document // by path: two lookups of one path are one call
}

// newFacts prepares an exchange.
func newFacts(ex *Exchange, deleted bool) *facts {
	f := &facts{
		response: ex.Response, publicURL: ex.PublicURL, deleted: deleted, fetched: make(map[string]*document),
		got: make(map[string]*document),
	}
	f.body.raw = ex.Request.Body
	if ex.Before.known() {
		f.before.raw, f.quality = ex.Before.Body, ex.Before.Quality
	}
	if ex.Response != nil && !ex.Response.Opaque && !ex.Response.Truncated {
		f.answer.raw = ex.Response.Body
	}
	return f
}

// object is the thing that the events are about.
func (f *facts) object() []byte {
	if f.deleted {
		return f.before.raw
	}
	return f.answer.raw
}

// document is JSON that is decoded once, when an expression names it. Without bytes it is null.
type document struct {
	raw   []byte
	once  sync.Once
	value any
	err   error
}

func (d *document) decoded() (any, error) {
	if len(d.raw) == 0 {
		return types.NullValue, nil
	}
	d.once.Do(func() { d.value, d.err = decodeValue(d.raw) })
	return d.value, d.err
}
