package event

import (
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// newIDParam stands in templates for the id of the thing that was made.
const newIDParam = "new_id"

// newID is the id of the thing that the register made: the answer's uuid, its id, or the last segment of its url or of the
// Location header (RFC 9110 section 10.2.2). It is empty if there is none.
func (f *facts) newID() string {
	for _, name := range []string{"uuid", "id"} {
		if text := memberText(f.answer.raw, name); text != "" {
			return text
		}
	}
	if text := lastSegment(memberText(f.answer.raw, "url")); text != "" {
		return text
	}
	if f.response == nil {
		return ""
	}
	return lastSegment(f.response.Header.Get("Location"))
}

// memberText is a member of an object that is a text or a number.
func memberText(object []byte, name string) string {
	value, ok := strictjson.Get(object, name)
	if !ok {
		return ""
	}
	switch strictjson.KindOf(value) {
	case strictjson.Number:
		return string(value)
	case strictjson.String:
		text, _ := strictjson.Unquote(value)
		return text
	default:
		return ""
	}
}

// lastSegment is the last segment of a URL's path, decoded.
func lastSegment(url string) string {
	url, _, _ = strings.Cut(url, "#")
	url, _, _ = strings.Cut(url, "?")
	url = strings.TrimSuffix(url, "/")
	return decodeSegment(url[strings.LastIndexByte(url, '/')+1:])
}
