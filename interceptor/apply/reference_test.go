package apply

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// The slow and obvious meaning of the strategies, on maps; the fuzz tests compare the package with it.

var errReference = errors.New("the reference says no")

// parse reads a document, numbers as they are written.
func parse(doc []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	return value
}

// write is the opposite of parse.
func write(value any) []byte {
	doc, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return doc
}

func referenceMerge(target, patch any, deleting bool) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		if !deleting {
			return patch
		}
		object = map[string]any{}
	}
	for name, value := range changes {
		if deleting && value == nil {
			delete(object, name)
		} else {
			object[name] = referenceMerge(object[name], value, deleting)
		}
	}
	return object
}

func referenceCustom(body, answer any, mapping []Field) (any, error) {
	var rootFirst []Field
	for _, f := range mapping {
		if f.To == "data" || f.To == "body" {
			rootFirst = append([]Field{f}, rootFirst...)
		} else {
			rootFirst = append(rootFirst, f)
		}
	}
	for _, f := range rootFirst {
		value, ok := referenceFind(answer, strings.Split(f.From, "."))
		if !ok {
			continue
		}
		keys := strings.Split(f.To, ".")
		if keys[0] == "data" || keys[0] == "body" {
			keys = keys[1:]
		}
		object, ok := body.(map[string]any)
		if !ok {
			return nil, errReference
		}
		if len(keys) == 0 {
			if _, ok := value.(map[string]any); !ok {
				return nil, errReference
			}
			body = referenceMerge(body, parse(write(value)), false)
			continue
		}
		for _, key := range keys[:len(keys)-1] {
			inner, has := object[key]
			if !has {
				inner = map[string]any{}
				object[key] = inner
			}
			if object, ok = inner.(map[string]any); !ok {
				return nil, errReference
			}
		}
		last := keys[len(keys)-1]
		object[last] = referenceMerge(object[last], parse(write(value)), false)
	}
	return body, nil
}

// referenceFind looks keys up; array indexes have no leading zeros.
func referenceFind(value any, keys []string) (any, bool) {
	for _, key := range keys {
		switch container := value.(type) {
		case map[string]any:
			inner, ok := container[key]
			if !ok {
				return nil, false
			}
			value = inner
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || strconv.Itoa(i) != key || i < 0 || i >= len(container) {
				return nil, false
			}
			value = container[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// referenceAdd gives root with a value added, or with insert false replaced, at a place.
func referenceAdd(root any, keys []string, value any, insert bool) (any, error) {
	if len(keys) == 0 {
		return value, nil
	}
	key := keys[0]
	switch container := root.(type) {
	case map[string]any:
		inner, has := container[key]
		if !has && (len(keys) > 1 || !insert) {
			return nil, errReference
		}
		changed, err := referenceAdd(inner, keys[1:], value, insert)
		if err != nil {
			return nil, err
		}
		container[key] = changed
		return container, nil
	case []any:
		if key == "-" && len(keys) == 1 && insert {
			return append(container, value), nil
		}
		i, err := strconv.Atoi(key)
		if err != nil || strconv.Itoa(i) != key || i < 0 || i > len(container) || (i == len(container) && (!insert || len(keys) > 1)) {
			return nil, errReference
		}
		if insert && len(keys) == 1 {
			return append(container[:i:i], append([]any{value}, container[i:]...)...), nil
		}
		container[i], err = referenceAdd(container[i], keys[1:], value, insert)
		return container, err
	}
	return nil, errReference
}

// referenceRemove gives root without the value at a place.
func referenceRemove(root any, keys []string) (any, error) {
	if _, ok := referenceFind(root, keys); !ok || len(keys) == 0 {
		return nil, errReference
	}
	last := len(keys) - 1
	parent, _ := referenceFind(root, keys[:last])
	if object, ok := parent.(map[string]any); ok {
		delete(object, keys[last])
		return root, nil
	}
	array := parent.([]any)
	i, _ := strconv.Atoi(keys[last])
	return referenceAdd(root, keys[:last], append(array[:i:i], array[i+1:]...), false)
}

// referenceEqual compares values as RFC 6902 section 4.6 says.
func referenceEqual(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && strictjson.EqualNumber([]byte(a), []byte(b))
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, referenceEqual)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, referenceEqual)
	}
	return reflect.DeepEqual(a, b)
}

// referenceCopy copies a value.
func referenceCopy(value any) any {
	switch value := value.(type) {
	case []any:
		elements := make([]any, len(value))
		for i := range value {
			elements[i] = referenceCopy(value[i])
		}
		return elements
	case map[string]any:
		members := make(map[string]any, len(value))
		for name := range value {
			members[name] = referenceCopy(value[name])
		}
		return members
	}
	return value
}

// referencePointer reads a pointer from its end: each slash ends a token.
func referencePointer(pointer string) (keys []string, ok bool) {
	for pointer != "" {
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return nil, false
		}
		var key []byte
		for token := pointer[i+1:]; token != ""; token = token[1:] {
			c := token[0]
			if c == '~' {
				switch {
				case strings.HasPrefix(token, "~0"):
					c = '~'
				case strings.HasPrefix(token, "~1"):
					c = '/'
				default:
					return nil, false
				}
				token = token[1:]
			}
			key = append(key, c)
		}
		keys, pointer = append([]string{string(key)}, keys...), pointer[:i]
	}
	return keys, true
}

// referencePatch carries out a JSON Patch.
func referencePatch(root, patch any) (any, error) {
	operations, ok := patch.([]any)
	if !ok {
		return nil, errReference
	}
	for _, o := range operations {
		object, ok := o.(map[string]any)
		if !ok {
			return nil, errReference
		}
		var err error
		if root, err = referenceOperation(root, object); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// referenceOperation carries out one operation.
func referenceOperation(root any, o map[string]any) (any, error) {
	path, isText := o["path"].(string)
	keys, ok := referencePointer(path)
	value, hasValue := o["value"]
	if !isText || !ok {
		return nil, errReference
	}
	switch o["op"] {
	case "remove":
		return referenceRemove(root, keys)
	case "move", "copy":
		from, isText := o["from"].(string)
		source, ok := referencePointer(from)
		if !isText || !ok {
			return nil, errReference
		}
		moved, found := referenceFind(root, source)
		if !found {
			return nil, errReference
		}
		moved = referenceCopy(moved)
		if o["op"] == "move" && from == path {
			return root, nil
		}
		if o["op"] == "move" {
			var err error
			if root, err = referenceRemove(root, source); err != nil {
				return nil, err
			}
		}
		return referenceAdd(root, keys, moved, true)
	}
	if !hasValue {
		return nil, errReference
	}
	switch o["op"] {
	case "add", "replace":
		return referenceAdd(root, keys, referenceCopy(value), o["op"] == "add")
	case "test":
		if have, found := referenceFind(root, keys); found && referenceEqual(have, value) {
			return root, nil
		}
	}
	return nil, errReference
}
