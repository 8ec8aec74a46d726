package manage

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// schema is a JSON Schema as OpenAPI 3.0.3 writes it (its section 4.7.24).
type schema map[string]any

// schemas makes schemas of the types that are answered and read, so that what is
// described is what is served. Structs with a name become components.
type schemas struct{ named map[string]schema }

// enums are the values of types that have few.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[JobState](): {string(JobRunning), string(JobDone), string(JobFailed), string(JobCancelled)},
}

var (
	typeTime = reflect.TypeFor[time.Time]()
	typeRaw  = reflect.TypeFor[json.RawMessage]()
	typeText = reflect.TypeFor[json.Marshaler]()
)

// of gives the schema of a value's type.
func (s *schemas) of(t reflect.Type) schema {
	switch {
	case t == typeTime:
		return schema{"type": "string", "format": "date-time"}
	case t == typeRaw:
		return schema{"nullable": true, "description": "Any JSON value."}
	case t.Kind() == reflect.Pointer:
		return nullable(s.of(t.Elem()))
	case t.Kind() == reflect.Struct:
		return s.object(t)
	case t.Implements(typeText):
		return schema{"nullable": true}
	}
	return s.simple(t)
}

// simple gives the schema of what is no object.
func (s *schemas) simple(t reflect.Type) schema {
	switch t.Kind() { //nolint:exhaustive // the others are not in JSON
	case reflect.String:
		plain := schema{"type": "string"}
		if values := enums[t]; values != nil {
			plain["enum"] = values
		}
		return plain
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Float64:
		return schema{"type": "number", "format": "double"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return schema{"type": "integer", "format": "int64"}
	case reflect.Slice:
		return schema{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": s.of(t.Elem())}
	}
	return schema{"nullable": true}
}

// nullable says that there may be null instead. OpenAPI 3.0 ignores what stands
// beside a reference, so that one is wrapped.
func nullable(inner schema) schema {
	if _, isRef := inner["$ref"]; isRef {
		return schema{"nullable": true, "allOf": []schema{inner}}
	}
	inner["nullable"] = true
	return inner
}

// object gives a reference to a component, or the schema itself of a type
// without a name or with a parameter.
func (s *schemas) object(t reflect.Type) schema {
	name := componentName(t.Name())
	if name == "" {
		return s.members(t)
	}
	if s.named[name] == nil {
		s.named[name] = schema{} // for types that hold themselves
		s.named[name] = s.members(t)
	}
	return schema{"$ref": "#/components/schemas/" + name}
}

// componentName is the name of a type as a component: jobView is Job.
func componentName(name string) string {
	if name == "" || strings.Contains(name, "[") {
		return ""
	}
	name = strings.TrimSuffix(name, "View")
	return strings.ToUpper(name[:1]) + name[1:]
}

// request gives the schema of what is read. Only what has the tag required must
// be there, whatever else the type says.
func (s *schemas) request(t reflect.Type) schema {
	made := s.of(t)
	target := made
	if name, ok := strings.CutPrefix(fmt.Sprint(made["$ref"]), "#/components/schemas/"); ok {
		target = s.named[name]
	}
	delete(target, "required")
	if t.Kind() != reflect.Struct {
		return made
	}
	var required []string
	for field := range t.Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); field.Tag.Get("required") == "true" {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		target["required"] = required
	}
	return made
}

// members gives the schema of a struct. All members that are always written are
// required.
func (s *schemas) members(t reflect.Type) schema {
	properties, required := schema{}, []string{}
	s.collect(t, properties, &required)
	made := schema{"type": "object", "properties": properties}
	if len(required) > 0 {
		made["required"] = required
	}
	return made
}

func (s *schemas) collect(t reflect.Type, properties schema, required *[]string) {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case field.Anonymous && name == "":
			s.collect(field.Type, properties, required)
			continue
		case !field.IsExported():
			continue
		}
		property := s.of(field.Type)
		if text := field.Tag.Get("doc"); text != "" && property["$ref"] == nil {
			property["description"] = text
		}
		properties[name] = property
		if slices.Contains(*required, name) {
			continue // it was in an embedded struct, and stands here instead
		}
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			*required = append(*required, name)
		}
	}
}

// page is a list that goes on where cursor says.
type page[T any] struct {
	Results []T     `json:"results"`
	Cursor  *string `json:"cursor" doc:"For the next page; null behind the last."`
}

// listing is a whole list.
type listing[T any] struct {
	Results []T `json:"results"`
}
