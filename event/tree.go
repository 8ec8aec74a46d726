package event

import "strings"

// tree finds rules by path. Each level is one segment of the path: fixed ones by hash, one parameter, one rest. The cost
// of a search depends on the length of the path, not on the number of rules.
type tree struct {
	root node
}

// node is where a search stands after some segments.
type node struct {
	literals map[string]*node
	param    *node
	rest     *node // has methods only
	methods  []methodLeaf
}

// methodLeaf holds the actions for one method at the end of a pattern, in order of declaration.
type methodLeaf struct {
	method  string
	actions []*action
}

// span is the place of a parameter's value in a path.
type span struct{ start, end uint32 }

// insert adds the path of a pattern and returns its last node.
func (t *tree) insert(segments []segment) *node {
	n := &t.root
	for _, s := range segments {
		n = n.child(s)
	}
	return n
}

// child gives the node behind a segment, made if need be.
func (n *node) child(s segment) *node {
	switch s.kind {
	case paramSegment:
		if n.param == nil {
			n.param = new(node)
		}
		return n.param
	case restSegment:
		if n.rest == nil {
			n.rest = new(node)
		}
		return n.rest
	case literalSegment:
		next, ok := n.literals[s.text]
		if !ok {
			if n.literals == nil {
				n.literals = make(map[string]*node)
			}
			next = new(node)
			n.literals[s.text] = next
		}
		return next
	}
	return n // there is no other kind
}

// leaf gives the actions of a method; the method "" stands for any.
func (n *node) leaf(method string) *methodLeaf {
	for i := range n.methods {
		if method == "" || n.methods[i].method == method {
			return &n.methods[i]
		}
	}
	return nil
}

// addMethod gives the leaf of a method, made if need be.
func (n *node) addMethod(method string) *methodLeaf {
	if leaf := n.leaf(method); leaf != nil {
		return leaf
	}
	n.methods = append(n.methods, methodLeaf{method: method})
	return &n.methods[len(n.methods)-1]
}

// search is one walk through the tree. It lives on the stack of the caller.
type search struct {
	path   string
	method string
	skip   int // number of leaves to pass over: the ones that were found before
	params [maxParams]span
	n      int
}

// from walks on at a node with the path from offset, which is at a slash or at the end. A fixed segment is tried before a
// parameter and a parameter before a rest, each with all that follows, so that a more specific pattern wins but never
// hides a less specific one that has the method.
func (s *search) from(n *node, offset int) *methodLeaf {
	rest := s.path[offset:]
	if rest == "" || rest == "/" {
		return s.arrive(n)
	}
	start := offset + 1
	end := len(s.path)
	if i := strings.IndexByte(s.path[start:], '/'); i >= 0 {
		end = start + i
	}
	if start == end {
		return nil
	}
	if next := n.literal(s.path[start:end]); next != nil {
		if leaf := s.from(next, end); leaf != nil {
			return leaf
		}
	}
	if n.param != nil {
		if leaf := s.through(n.param, start, end, end); leaf != nil {
			return leaf
		}
	}
	if n.rest != nil {
		return s.through(n.rest, start, len(strings.TrimSuffix(s.path, "/")), len(s.path))
	}
	return nil
}

// through takes a parameter's value and walks on at next.
func (s *search) through(n *node, start, end, next int) *methodLeaf {
	s.params[s.n] = span{uint32(start), uint32(end)} // a path is far shorter than 4 GiB
	s.n++
	leaf := s.from(n, next)
	if leaf == nil {
		s.n--
	}
	return leaf
}

// arrive is the end of the path: the node's leaf, unless it was found before.
func (s *search) arrive(n *node) *methodLeaf {
	leaf := n.leaf(s.method)
	if leaf != nil && s.skip > 0 {
		s.skip--
		return nil
	}
	return leaf
}

// literal looks a fixed segment up, folded.
func (n *node) literal(segment string) *node {
	if n.literals == nil {
		return nil
	}
	if plain(segment) {
		return n.literals[segment]
	}
	var buf [maxLiteral]byte
	name, ok := folded(&buf, segment)
	if !ok {
		return nil
	}
	return n.literals[string(name)]
}

// plain reports whether a segment is its own folded form.
func plain(segment string) bool {
	for i := range len(segment) {
		if c := segment[i]; c == '%' || c >= 0x80 || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}
