package webhook

import (
	"net/textproto"
	"strings"
)

// root is where a path begins.
//
//	objectType                 the rule's resource, such as "object"
//	action                     any spelling of the action: "creating"; later "created", "create"
//	object, data               the request body as it is now
//	before                     the thing before the request; not known yet, so never a value
//	request.method, .path      as forwarded
//	request.query.<name>       any value of that query parameter
//	request.headers.<Name>     any value of that header, in any case
//	request.body               the request body as it is now
//	<path parameter>           any known name of the thing: register, schema, id, ...
//	type, source, subject, id  the event's attributes; type is also the class alias
//	anything else              a member of the request body
//
// A path that begins with object or data and leads nowhere is tried once more
// with that word as a member of the body. So both bodies {"type":"person"} and
// {"object":{"type":"person"}} have an object.type.
type root uint8

const (
	rootNamed root = iota // a path parameter, else an attribute, else the body
	rootObjectType
	rootAction
	rootBody // object, data
	rootRequestBody
	rootMethod
	rootPath
	rootQuery
	rootHeader
	rootNothing // before, and request.<anything else>
)

// filterPath is a compiled path.
type filterPath struct {
	root root
	keys []string // after the root, or all of them for rootNamed
	all  []string // every step, for the second try
	name string   // of the parameter, query parameter or header
}

// parsePath splits a path. Every text is a path; nothing in it has a meaning
// but the dots and the first words listed at [root].
func parsePath(text string) filterPath {
	steps := strings.Split(text, ".")
	p := filterPath{keys: steps[1:], all: steps}
	alone := len(steps) == 1
	switch first := steps[0]; {
	case first == "objectType" && alone:
		p.root = rootObjectType
	case first == "action" && alone:
		p.root = rootAction
	case first == "object", first == "data":
		p.root = rootBody
	case first == "before":
		p.root = rootNothing
	case first == "request" && !alone:
		p.parseRequest(steps[1:])
	default:
		p.keys = steps
		if alone {
			p.name = first
		}
	}
	return p
}

func (p *filterPath) parseRequest(steps []string) {
	p.root, p.keys = rootNothing, steps[1:]
	switch rest := strings.Join(p.keys, "."); {
	case steps[0] == "body":
		p.root = rootRequestBody
	case steps[0] == "method" && rest == "":
		p.root = rootMethod
	case steps[0] == "path" && rest == "":
		p.root = rootPath
	case steps[0] == "query" && rest != "":
		p.root, p.name = rootQuery, rest
	case steps[0] == "headers" && rest != "":
		p.root, p.name = rootHeader, textproto.CanonicalMIMEHeaderKey(rest)
	}
}

// isAttribute tells whether a name is one of an event's attributes.
func isAttribute(name string) bool {
	switch name {
	case "type", "source", "subject", "id":
		return true
	}
	return false
}
