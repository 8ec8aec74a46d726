package request

import (
	"mime"
	"net/http"
	"strings"
)

const formType = "application/x-www-form-urlencoded"

// media is what a Content-Type says.
type media struct {
	name    string // lower case, "" when there is none
	charset string // lower case, "" when there is none
}

// parseMedia reads Content-Type. Two of them, or one that cannot be read, may be
// taken for different things by different readers, and are refused.
func parseMedia(header http.Header) (media, *Problem) {
	values := header["Content-Type"]
	switch {
	case len(values) == 0 || len(values) == 1 && strings.TrimSpace(values[0]) == "":
		return media{}, nil
	case len(values) > 1:
		return media{}, mediaProblem("There is more than one Content-Type.")
	case values[0] == "application/json":
		return media{name: "application/json"}, nil
	}
	name, parameters, err := mime.ParseMediaType(values[0])
	if err != nil || !strings.Contains(name, "/") {
		return media{}, mediaProblem("The Content-Type cannot be read.")
	}
	return media{name: name, charset: strings.ToLower(parameters["charset"])}, nil
}

// isJSON tells whether the type is one of JSON documents: application/json, the
// older names of it, and everything with the suffix +json (RFC 6839 section
// 3.1). A body without a type counts as JSON.
func (m media) isJSON() bool {
	switch m.name {
	case "", "application/json", "text/json", "application/x-json", "text/x-json":
		return true
	}
	return strings.HasSuffix(m.name, "+json")
}

func (m media) isForm() bool      { return m.name == formType }
func (m media) isMultipart() bool { return strings.HasPrefix(m.name, "multipart/") }

// checkCharset refuses any other character encoding than UTF-8, which is the
// only one of JSON (RFC 8259 section 8.1) and of forms.
func (m media) checkCharset() *Problem {
	switch m.charset {
	case "", "utf-8", "utf8":
		return nil
	}
	return &Problem{
		Status: http.StatusUnsupportedMediaType,
		Reason: ReasonUnsupportedCharset,
		Title:  "Unsupported character encoding",
		Detail: "The only character encoding of this content is UTF-8.",
	}
}

// looksLikeJSON tells whether a lenient reader might take the bytes for a JSON
// object or array, in whichever Unicode encoding.
func looksLikeJSON(data []byte) bool {
	for _, c := range data {
		switch {
		case c == '{' || c == '[':
			return true
		case c == 0, c == ' ', '\t' <= c && c <= '\r': // the other half of UTF-16, white space
		case c == 0xEF, c == 0xBB, c == 0xBF, c == 0xFE, c == 0xFF: // byte order marks
		default:
			return false
		}
	}
	return false
}

func mediaProblem(detail string) *Problem {
	return &Problem{
		Status: http.StatusUnsupportedMediaType,
		Reason: ReasonUnsupportedType,
		Title:  "Unsupported media type",
		Detail: detail,
	}
}
