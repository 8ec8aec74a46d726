package webhook

import (
	"net/textproto"
	"strings"
)

// root is where a path begins.
//
//	objectType                 the rule's resource, such as "object"
//	action                     any spelling of the action: "creating"; after the write "created", "create"
//	data                       the request body as it is now
//	object                     before the write the request body as it is now; after it the thing
//	                           as the register answered or, when it was deleted, as it was
//	before                     the thing before the write; known only after it, if at all
//	response.status            the register's status, a number; response is known only after the
//	response.headers.<Name>    write, before it these are members of the request body
//	response.body              the register's answer, if it is JSON
//	request.method, .path      as forwarded
//	request.query.<name>       any value of that query parameter
//	request.headers.<Name>     any value of that header, in any case
//	request.body               the request body as it is now
//	<path parameter>           any known name of the thing: register, schema, id, ...
//	type, source, subject, id  the event's attributes; type is also the class alias
//	anything else              a member of the request body
//
// A path that begins with object or data and leads nowhere is tried once more
// with that word as a member. So both bodies {"type":"person"} and
// {"object":{"type":"person"}} have an object.type.
type root uint8

const (
	rootNamed root = iota // a path parameter, else an attribute, else the body
	rootObjectType
	rootAction
	rootData
	rootObject
	rootBefore
	rootStatus // of the response
	rootAnswerHeader
	rootAnswer
	rootRequestBody
	rootMethod
	rootPath
	rootQuery
	rootHeader
	rootNothing // request.<anything else>
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
	case first == "data":
		p.root = rootData
	case first == "object":
		p.root = rootObject
	case first == "before":
		p.root = rootBefore
	case first == "response" && !alone:
		p.parseResponse(steps[1:])
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

func (p *filterPath) parseResponse(steps []string) {
	switch rest := strings.Join(steps[1:], "."); {
	case steps[0] == "status" && rest == "":
		p.root, p.keys = rootStatus, nil
	case steps[0] == "headers" && rest != "":
		p.root, p.keys, p.name = rootAnswerHeader, nil, textproto.CanonicalMIMEHeaderKey(rest)
	case steps[0] == "body":
		p.root, p.keys = rootAnswer, steps[1:]
	default:
		p.keys = p.all // a member of the body
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
