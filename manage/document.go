package manage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Limits of what a client may send: nobody writes more by hand, and what is
// read is in memory as a whole.
const (
	maxBody      = 1 << 20 // bytes
	maxBodyDepth = 32      // containers in one another
)

// readBody gives the body of a request, an object of JSON: 415 for what says
// that it is something else, 413 for too much, 400 for what does not hold.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != mediaJSON {
		return nil, refusef(http.StatusUnsupportedMediaType, "the body must be %s", mediaJSON).with("Accept", mediaJSON)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return nil, err
	} else if err != nil {
		return nil, refuse(http.StatusBadRequest, "the body broke off")
	}
	return checkBody(body)
}

// checkBody tells whether a body is one object of JSON with one meaning.
func checkBody(body []byte) ([]byte, error) {
	if err := strictjson.Check(body, maxBodyDepth); err != nil {
		return nil, badMember("", "is not JSON that every reader reads alike: "+err.Error())
	}
	if strictjson.KindOf(body) != strictjson.Object {
		return nil, badMember("", "must be an object")
	}
	return bytes.TrimSpace(body), nil
}

// readDocument reads a body into a struct. Names are as written in its tags,
// in this case only; a name that it does not have is a fault.
func readDocument[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var document T
	body, err := readBody(w, r)
	if err != nil {
		return document, err
	}
	err = decodeDocument(body, &document)
	return document, err
}

func decodeDocument(body []byte, document any) error {
	known := memberNames(reflect.TypeOf(document).Elem())
	for token := range strictjson.Members(body) {
		name, _ := strictjson.Unquote(token)
		if !known[name] {
			return badMember(pointerTo(name), "is unknown")
		}
	}
	err := json.Unmarshal(body, document)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return badMember(pointerTo(strings.Split(wrong.Field, ".")...), fmt.Sprintf("must not be a %s", wrong.Value))
	case err != nil:
		return badMember("", "has a value that cannot be read")
	}
	return nil
}

// memberNames are the names of a struct's members in JSON.
func memberNames(t reflect.Type) map[string]bool {
	names := make(map[string]bool, t.NumField())
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// pointerTo is the JSON Pointer of a member (RFC 6901).
func pointerTo(names ...string) string {
	var pointer strings.Builder
	for _, name := range names {
		pointer.WriteString("/" + pointerEscaper.Replace(name))
	}
	return pointer.String()
}
