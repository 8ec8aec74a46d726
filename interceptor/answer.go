package interceptor

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// reply is what came back over HTTP: the raw material of a verdict.
type reply struct {
	status      int
	contentType string
	encoding    string // the field Content-Encoding: none was asked for
	body        []byte // at most the answer limit
}

// ruling is what a webhook said.
type ruling uint8

const (
	approve ruling = iota // the request goes on unchanged
	modify                // the request goes on with data applied to its body
	block                 // the request does not go on
)

// verdict is a reply read by the rules of the contract.
type verdict struct {
	ruling   ruling
	document []byte // the whole answer, for modify
	status   int    // for block: what the client sees
	message  string // for block: the sentence for the client, may be empty
	errors   []byte // for block: the JSON array `errors`, or nil
	warnings []string
}

// blockStatus is the client's status for a block that names none (RFC 9110
// section 15.5.21: the content was understood and cannot be accepted).
const blockStatus = http.StatusUnprocessableEntity

var (
	errNotJSON      = errors.New("the answer is not a JSON object")
	errEncoded      = errors.New("the answer has a content coding, which was not asked for")
	errNoData       = errors.New(`status "modified" without data`)
	errAllowedType  = errors.New(`"allowed" is not a boolean`)
	errStatusMember = errors.New(`"status" is not a string`)
)

// read turns a reply into a verdict. expectBody is true for a webhook whose
// answer may change the request: only there must a 2xx with content be JSON.
func (r reply) read(expectBody bool, maxDepth int) (verdict, *Failure) {
	switch {
	case r.status == http.StatusRequestTimeout, r.status == http.StatusTooEarly, r.status == http.StatusTooManyRequests:
		return verdict{}, &Failure{Reason: ReasonThrottled, Status: r.status}
	case r.status >= 200 && r.status < 300:
		return r.success(expectBody, maxDepth)
	case r.status >= 300 && r.status < 400:
		return verdict{}, &Failure{Reason: ReasonRedirect, Status: r.status}
	case r.status >= 400 && r.status < 500:
		return r.refusal(maxDepth), nil
	case r.status >= 500 && r.status < 600:
		return verdict{}, &Failure{Reason: ReasonServerError, Status: r.status}
	}
	return verdict{}, &Failure{Reason: ReasonStatus, Status: r.status}
}

// success reads a 2xx: an approval, a change, or a rejection in a polite wrapper.
func (r reply) success(expectBody bool, maxDepth int) (verdict, *Failure) {
	document := bytes.TrimSpace(r.body)
	if r.status == http.StatusNoContent || len(document) == 0 {
		return verdict{}, nil
	}
	if r.encoding != "" && !strings.EqualFold(r.encoding, "identity") {
		return verdict{}, r.invalid(errEncoded)
	}
	if err := strictjson.Check(document, maxDepth); err != nil {
		if expectBody || r.claimsMeaning(document) {
			return verdict{}, r.invalid(err)
		}
		return verdict{}, nil
	}
	if strictjson.KindOf(document) != strictjson.Object {
		if expectBody {
			return verdict{}, r.invalid(errNotJSON)
		}
		return verdict{}, nil
	}
	return r.object(document)
}

// object reads the members of a 2xx answer that carry meaning.
func (r reply) object(document []byte) (verdict, *Failure) {
	status, err := stringMember(document, "status")
	if err != nil {
		return verdict{}, r.invalid(errStatusMember)
	}
	status = strings.ToLower(status) // "Rejected" is no approval
	denied, err := isDenied(document)
	if err != nil {
		return verdict{}, r.invalid(err)
	}
	if denied || status == "rejected" {
		return rejection(document, namedStatus(document)), nil
	}
	v := verdict{warnings: readWarnings(document)}
	_, hasData := strictjson.Get(document, "data")
	switch {
	case status == "modified" && !hasData:
		return verdict{}, r.invalid(errNoData)
	case status != "approved":
		// Whether there is anything to apply depends on the strategy: `custom`
		// reads any member, the others only data.
		v.ruling, v.document = modify, document
	}
	return v, nil
}

// refusal reads a 4xx: its own status, and whatever it says about why.
func (r reply) refusal(maxDepth int) verdict {
	document := bytes.TrimSpace(r.body)
	if len(document) > 0 && strictjson.Check(document, maxDepth) == nil && strictjson.KindOf(document) == strictjson.Object {
		return rejection(document, r.status)
	}
	return verdict{ruling: block, status: r.status, message: r.text()}
}

func rejection(document []byte, status int) verdict {
	return verdict{
		ruling:  block,
		status:  status,
		message: readMessage(document),
		errors:  readErrors(document),
	}
}

// claimsMeaning tells whether a body that is not JSON must not be waved
// through: it says or looks as if it were JSON, so that it may be a rejection
// with a slip of the pen, or it is a page for people, such as the login page
// that a misconfigured validator answers with.
func (r reply) claimsMeaning(document []byte) bool {
	if strings.IndexByte("{[\xEF\xFE\xFF\x00", document[0]) >= 0 { // or a byte order mark, or UTF-16
		return true
	}
	media, _, err := mime.ParseMediaType(r.contentType)
	if err != nil {
		return r.contentType != ""
	}
	return strings.HasSuffix(media, "json") || media == "text/html" || media == "application/xhtml+xml"
}

func (r reply) invalid(err error) *Failure {
	return &Failure{Reason: ReasonInvalidAnswer, Status: r.status, cause: err}
}

func isDenied(document []byte) (bool, error) {
	allowed, ok := strictjson.Get(document, "allowed")
	switch {
	case !ok:
		return false, nil
	case strictjson.KindOf(allowed) != strictjson.Bool:
		return false, errAllowedType
	}
	return string(allowed) == "false", nil
}

// namedStatus is the 4xx that a rejection names in `statusCode`, or 422.
func namedStatus(document []byte) int {
	raw, ok := strictjson.Get(document, "statusCode")
	if !ok || len(raw) != 3 || raw[0] != '4' {
		return blockStatus
	}
	status := 0
	for _, digit := range raw {
		if digit < '0' || digit > '9' {
			return blockStatus
		}
		status = status*10 + int(digit-'0')
	}
	return status
}

func stringMember(document []byte, name string) (string, error) {
	raw, ok := strictjson.Get(document, name)
	if !ok || strictjson.KindOf(raw) == strictjson.Null {
		return "", nil
	}
	text, ok := strictjson.Unquote(raw)
	if !ok {
		return "", errNotJSON
	}
	return text, nil
}
