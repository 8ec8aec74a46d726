package felix

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var errNotAnEvent = errors.New("this is not a CloudEvent about a write")

// event is what the validator reads of the CloudEvent it is sent.
type event struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Type        string `json:"type"`
	Data        struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
	} `json:"data"`
}

func parseEvent(raw []byte) (event, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return event{}, fmt.Errorf("%w: %w", errNotAnEvent, err)
	}
	if e.SpecVersion != "1.0" || e.ID == "" || e.Type == "" {
		return event{}, fmt.Errorf("%w: specversion, id or type is missing", errNotAnEvent)
	}
	return e, nil
}

// catName is the name of the cat in the request: "name" in "@self" or, without
// one, the property "name". An object without a name gives "".
func (e event) catName() string {
	var body struct {
		Name any `json:"name"`
		Self struct {
			Name any `json:"name"`
		} `json:"@self"`
	}
	if json.Unmarshal(e.Data.Body, &body) != nil {
		return ""
	}
	if name, ok := body.Self.Name.(string); ok && name != "" {
		return name
	}
	name, _ := body.Name.(string)
	return name
}

// target splits the path of the request: the collection that a new cat is
// counted in and, for an update, the id of the cat that must not count itself.
func (e event) target() (collection, id string, ok bool) {
	at := strings.Index(e.Data.Path, "/api/objects/")
	if at < 0 {
		return "", "", false
	}
	parts := strings.Split(e.Data.Path[at+len("/api/objects/"):], "/")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] == "" {
		return "", "", false
	}
	if len(parts) == 3 {
		id = parts[2]
	}
	return "/api/objects/" + parts[0] + "/" + parts[1], id, true
}
