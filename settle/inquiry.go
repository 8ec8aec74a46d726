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
	if !readable(i) {
		return Unknown, nil, nil
	}
	page, err := q.Get(ctx, i, i.Path)
	if err != nil {
		return Unknown, nil, err
	}
	switch status := page.Status; {
	case status == http.StatusNotFound, status == http.StatusGone:
		return i.whenMissing(), nil, nil
	case status == http.StatusTooManyRequests, status >= 500:
		return Unknown, nil, fmt.Errorf("the register answers %d", status)
	case status/100 != 2:
		return Unknown, nil, nil
	}
	if strictjson.Check(page.Body, orDepth(q.MaxDepth)) != nil {
		return i.whenOpaque(), nil, nil
	}
	return i.whenThere(page.Body), page.Body, nil
}

func orDepth(depth int) int {
	if depth <= 0 {
		return strictjson.DefaultMaxDepth
	}
	return depth
}

// readable tells whether the path of the write is that of the thing written, and
// can be asked for. A POST writes something whose path only its answer would
// have told.
func readable(i *Intent) bool {
	if i.Rewritten {
		return false
	}
	switch i.Method {
	case http.MethodPut, http.MethodPatch, http.MethodDelete:
		return true
	}
	return false
}

// whenMissing: there is no such resource now.
func (i *Intent) whenMissing() Finding {
	was := i.Before != nil && !i.Before.Missing
	switch {
	case i.Method == http.MethodDelete && was:
		return Happened
	case i.Method == http.MethodDelete:
		return Unknown // it may never have been there
	case was:
		return Unknown // somebody has deleted it, before or after
	}
	return DidNot
}

// whenOpaque: there is a resource that cannot be compared.
func (i *Intent) whenOpaque() Finding {
	if i.Method == http.MethodDelete {
		return DidNot
	}
	return Unknown
}

// whenThere: the resource can be compared with what was wanted.
func (i *Intent) whenThere(now []byte) Finding {
	if i.Method == http.MethodDelete {
		return DidNot
	}
	unchanged := i.Before != nil && !i.Before.Missing && len(i.Before.Body) > 0 && strictjson.Equal(now, i.Before.Body)
	wanted := len(i.Body) > 0 && covers(now, i.Body)
	switch {
	case wanted && unchanged:
		return Unknown // a write that changes nothing leaves no trace
	case wanted:
		return Happened
	case unchanged:
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
