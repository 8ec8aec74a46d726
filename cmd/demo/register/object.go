package register

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

var errNotAnObject = errors.New("the body must be one JSON object")

// properties are the members of a JSON object, each as it was spelt.
type properties map[string]json.RawMessage

// view is an object as a client sees it: its properties, "id" and "@self".
type view map[string]any

// object is one stored object.
type object struct {
	where      collection
	id         string
	version    int
	created    time.Time
	updated    time.Time
	properties properties
	self       properties // what clients put into "@self"
}

func newObject(where collection, body []byte, now time.Time) (*object, error) {
	created := &object{where: where, id: uuid.NewString(), created: now}
	if err := created.update(body, false, now); err != nil {
		return nil, err
	}
	return created, nil
}

// update replaces the properties or, when merge is set, only those that body
// names. Nothing changes on an error.
func (o *object) update(body []byte, merge bool, now time.Time) error {
	incoming, self, err := parse(body)
	if err != nil {
		return err
	}
	if merge {
		incoming = merged(o.properties, incoming)
		self = merged(o.self, self)
	}
	o.properties, o.self = incoming, self
	o.updated = now
	o.version++
	return nil
}

// parse reads a request body and drops what a client cannot set: id, uuid,
// register, schema, and names that begin with "_" or, "@self" apart, "@".
func parse(body []byte) (members, self properties, err error) {
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errNotAnObject, err)
	}
	if members == nil { // the literal null
		return nil, nil, errNotAnObject
	}
	if raw, ok := members["@self"]; ok {
		if err := json.Unmarshal(raw, &self); err != nil {
			return nil, nil, fmt.Errorf("@self must be an object: %w", err)
		}
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return isReserved(name) })
	return members, self, nil
}

func isReserved(name string) bool {
	switch name {
	case "id", "uuid", "register", "schema":
		return true
	default:
		return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "@")
	}
}

func merged(old, incoming properties) properties {
	result := maps.Clone(old)
	if result == nil {
		result = properties{}
	}
	maps.Copy(result, incoming)
	return result
}

// name is the object's property "name" or, without one, the name in "@self".
func (o *object) name() string {
	for _, raw := range []json.RawMessage{o.properties["name"], o.self["name"]} {
		var name string
		if json.Unmarshal(raw, &name) == nil && name != "" {
			return name
		}
	}
	return ""
}

func (o *object) uri() string {
	return "/api/objects/" + url.PathEscape(o.where.register) + "/" + url.PathEscape(o.where.schema) + "/" + o.id
}

// view makes a fresh map that the caller may keep.
func (o *object) view() view {
	self := view{}
	for name, raw := range o.self {
		self[name] = raw
	}
	self["id"] = o.id
	self["uri"] = o.uri()
	self["version"] = strconv.Itoa(o.version)
	self["register"] = o.where.register
	self["schema"] = o.where.schema
	self["created"] = o.created.Format(time.RFC3339)
	self["updated"] = o.updated.Format(time.RFC3339)

	result := view{}
	for name, raw := range o.properties {
		result[name] = raw
	}
	result["id"] = o.id
	result["@self"] = self
	return result
}
