package settle

import (
	"context"
	"fmt"
	"net/http"

	"github.com/voorpoort/voorpoort/strictjson"
)

// found looks for what a POST made, where its rule says that it can be read
// back. That it is not there shows nothing: lists have pages, indexes lag.
func (q Inquiry) found(ctx context.Context, i *Intent) (Finding, []byte, error) {
	page, err := q.Get(ctx, i, i.Correlate)
	switch {
	case err != nil:
		return Unknown, nil, err
	case unable(page.Status):
		return Unknown, nil, fmt.Errorf("the register answers %d", page.Status)
	case page.Status != http.StatusOK, strictjson.Check(page.Body, orDepth(q.MaxDepth)) != nil:
		return Unknown, nil, nil
	}
	if now := theOne(page.Body, i.Body); now != nil {
		return Happened, now, nil
	}
	return Unknown, nil, nil
}

// theOne gives the resource that has everything that was written: the answer
// itself, or the only such element of a list; nil when there is none, or when
// several might be meant.
func theOne(answer, written []byte) (one []byte) {
	if !tells(written) {
		return nil
	}
	if strictjson.KindOf(answer) == strictjson.Object && covers(answer, written) {
		return answer
	}
	list, ok := listIn(answer)
	if !ok {
		return nil
	}
	for element := range strictjson.Elements(list) {
		if strictjson.KindOf(element) != strictjson.Object || !covers(element, written) {
			continue
		}
		if one != nil {
			return nil
		}
		one = element
	}
	return one
}

// tells reports whether a resource can be known by what was written: everything
// has an empty object's members.
func tells(written []byte) bool {
	if strictjson.KindOf(written) != strictjson.Object {
		return false
	}
	for range strictjson.Members(written) {
		return true
	}
	return false
}

// listNames are the members under which APIs put the elements of a list, beside
// its pages and totals. HAL has one more level under _embedded.
var listNames = []string{"results", "items", "data", "value", "records", "entries", "content"}

// listIn gives the list in an answer: the answer itself, or the only array where
// lists usually are.
func listIn(answer []byte) (list []byte, ok bool) {
	switch strictjson.KindOf(answer) {
	case strictjson.Array:
		return answer, true
	case strictjson.Object:
	default:
		return nil, false
	}
	arrays := 0
	consider := func(value []byte) {
		if strictjson.KindOf(value) == strictjson.Array {
			list = value
			arrays++
		}
	}
	for _, name := range listNames {
		if value, there := strictjson.Get(answer, name); there {
			consider(value)
		}
	}
	if embedded, there := strictjson.Get(answer, "_embedded"); there && strictjson.KindOf(embedded) == strictjson.Object {
		for _, value := range strictjson.Members(embedded) {
			consider(value)
		}
	} else if there {
		consider(embedded)
	}
	return list, arrays == 1
}
