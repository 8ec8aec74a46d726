package settle

import (
	"context"
	"fmt"
	"net/http"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Finding is what became of a write.
type Finding uint8

// The findings.
const (
	Unknown  Finding = iota // the register's state does not tell
	Happened                // the write is in the register
	DidNot                  // it is not
)

// String gives the finding in words.
func (f Finding) String() string {
	return [...]string{Unknown: "unknown", Happened: "happened", DidNot: "did not happen"}[f]
}

// Page is the register's answer to a question.
type Page struct {
	Status int
	Body   []byte // decoded; only used when it is one strict JSON value

	// Introduced: the question carried credentials of the gateway's own, which
	// are taken to be as good as the caller's.
	Introduced bool
}

// Inquiry asks the register what became of writes.
type Inquiry struct {
	// Get reads a resource of the register, on the same route as the write. Its
	// error means that the register could not be asked now.
	Get func(ctx context.Context, i *Intent, path string) (Page, error)

	MaxDepth int // nesting of the register's JSON; 0 is the default of strictjson
}

// Ask compares the register with an intent. now is the resource as it is, where
// it is known. The error says that the register cannot be asked now, and that it
// is worth asking again.
func (q Inquiry) Ask(ctx context.Context, i *Intent) (f Finding, now []byte, err error) {
	switch {
	case i.Rewritten:
		return Unknown, nil, nil
	case i.Method == http.MethodPost && i.Correlate != "":
		return q.found(ctx, i)
	case !addressed(i.Method):
		return Unknown, nil, nil
	}
	page, err := q.Get(ctx, i, i.address())
	if err != nil {
		return Unknown, nil, err
	}
	switch status := page.Status; {
	case status == http.StatusNotFound, status == http.StatusGone:
		return i.whenMissing(page.Introduced), nil, nil
	case unable(status):
		return Unknown, nil, fmt.Errorf("the register answers %d", status)
	case status/100 != 2:
		return Unknown, nil, nil
	}
	if strictjson.Check(page.Body, orDepth(q.MaxDepth)) != nil {
		return Unknown, nil, nil // it cannot be compared
	}
	return i.whenThere(page.Body), page.Body, nil
}

// unable tells whether a register with this status may answer another time.
func unable(status int) bool { return status == http.StatusTooManyRequests || status >= 500 }

func orDepth(depth int) int {
	if depth <= 0 {
		return strictjson.DefaultMaxDepth
	}
	return depth
}

// addressed tells whether the path of a write is that of the thing written. A
// POST writes something whose path only its answer would have told.
func addressed(method string) bool {
	switch method {
	case http.MethodPut, http.MethodPatch, http.MethodDelete:
		return true
	}
	return false
}

// address is the path and query of the thing written. The query may be a part of
// its identity, such as a tenant.
func (i *Intent) address() string {
	if i.Asked == "" {
		return i.Path
	}
	return i.Path + "?" + i.Asked
}

// whenMissing: there is no such resource now, or the register does not show it
// to whom it does not know: it may have shown it to the caller. Nor does a path
// tell anything at which there never is a resource, such as that of an action.
func (i *Intent) whenMissing(introduced bool) Finding {
	if i.Before == nil || i.Credentials && !introduced {
		return Unknown
	}
	switch deletes := i.Method == http.MethodDelete; {
	case deletes && !i.Before.Missing:
		return Happened
	case !deletes && i.Before.Missing && i.Thing:
		return DidNot
	}
	return Unknown // somebody has deleted it before or after, or it never was there
}

// whenThere: the resource can be compared with what was wanted and with what it
// was. That it is as it was shows that nothing was written only where the write
// would show: registers keep secrets, queries ask for parts, and some keep what
// is deleted.
func (i *Intent) whenThere(now []byte) Finding {
	unchanged := i.Before != nil && !i.Before.Missing && len(i.Before.Body) > 0 && strictjson.Equal(now, i.Before.Body)
	if i.Method == http.MethodDelete {
		if unchanged {
			return DidNot
		}
		return Unknown
	}
	wanted := len(i.Body) > 0 && covers(now, i.Body)
	switch {
	case wanted && unchanged:
		return Unknown // a write that changes nothing leaves no trace
	case wanted:
		return Happened
	case unchanged && contradicts(now, i.Body):
		return DidNot
	}
	return Unknown
}

// covers tells whether everything that was written is in the resource: each
// member of an object with the same value, at any depth. The resource may have
// more, such as times and ids.
func covers(now, written []byte) bool {
	if strictjson.KindOf(written) != strictjson.Object || strictjson.KindOf(now) != strictjson.Object {
		return strictjson.Equal(now, written)
	}
	for name, value := range strictjson.Members(written) {
		key, _ := strictjson.Unquote(name)
		there, ok := strictjson.Get(now, key)
		if !ok {
			// A patch removes with null (RFC 7396); a register may leave it out.
			if strictjson.KindOf(value) == strictjson.Null {
				continue
			}
			return false
		}
		if !covers(there, value) {
			return false
		}
	}
	return true
}

// contradicts tells whether something that was written is in the resource with
// another value, at any depth.
func contradicts(now, written []byte) bool {
	if len(written) == 0 {
		return false
	}
	if strictjson.KindOf(written) != strictjson.Object || strictjson.KindOf(now) != strictjson.Object {
		return !strictjson.Equal(now, written)
	}
	for name, value := range strictjson.Members(written) {
		key, _ := strictjson.Unquote(name)
		if there, ok := strictjson.Get(now, key); ok && contradicts(there, value) {
			return true
		}
	}
	return false
}
