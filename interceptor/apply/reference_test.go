package apply

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
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
	for _, f := range mapping {
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

// referencePatch carries out a JSON Patch.
func referencePatch(root any, operations []operation) (any, error) {
	for _, o := range operations {
		from, _ := tokensOf(o.from)
		moved, found := referenceFind(root, from)
		found = found && len(from) > 0
		var err error
		switch o.op {
		case "add", "replace":
			root, err = referenceAdd(root, o.tokens, parse(o.value), o.op == "add")
		case "remove":
			root, err = referenceRemove(root, o.tokens)
		case "move", "copy":
			if !found {
				return nil, errReference
			}
			moved = parse(write(moved))
			if o.op == "move" {
				root, err = referenceRemove(root, from)
			}
			if err == nil {
				root, err = referenceAdd(root, o.tokens, moved, true)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return root, nil
}
