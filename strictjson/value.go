package strictjson

// Kind is the type of a JSON value.
type Kind uint8

// The types of values; Invalid is what is none of them.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// String names the kind as RFC 8259 does: "null", "boolean", "number", "string", "array", "object", and "invalid".
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "boolean"
	case Number:
		return "number"
	case String:
		return "string"
	case Array:
		return "array"
	case Object:
		return "object"
	case Invalid:
	}
	return "invalid"
}

// Start gives the position of a document's value: of its first byte that is not whitespace.
func Start(doc []byte) int { return skipSpace(doc, 0) }

// KindOf gives the type of a value, which may have whitespace around it. It looks at the first byte only.
func KindOf(value []byte) Kind {
	i := skipSpace(value, 0)
	if i >= len(value) {
		return Invalid
	}
	switch c := value[i]; {
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == '"':
		return String
	case c == 't' || c == 'f':
		return Bool
	case c == 'n':
		return Null
	case c == '-' || c-'0' <= 9:
		return Number
	}
	return Invalid
}

// Get gives the value that keys lead to, without surrounding whitespace: a key is a member's name in an object, and a
// decimal index without leading zeros in an array. Nothing in a key has a meaning of its own, so "a.b", "#" and "*"
// are names like any other. Without keys it gives the whole value. It does not allocate.
func Get(doc []byte, keys ...string) ([]byte, bool) {
	start := skipSpace(doc, 0)
	for _, key := range keys {
		if start >= len(doc) {
			return nil, false
		}
		switch doc[start] {
		case '{':
			start = FindMember(doc, start, key)
		case '[':
			start = findElement(doc, start, key)
		default:
			return nil, false
		}
		if start < 0 {
			return nil, false
		}
	}
	if start >= len(doc) {
		return nil, false
	}
	return doc[start:Skip(doc, start)], true
}

// FindMember gives the position of the value of a member of the object that starts at i, or -1 when there is no such
// member or no object.
func FindMember(doc []byte, i int, name string) int {
	for c := Enter(doc, i); c.Valid(); c.Next() {
		if c.NameIs(name) {
			return c.value
		}
	}
	return -1
}

// findElement gives the position of an element of the array at i, or -1.
func findElement(doc []byte, i int, key string) int {
	index, ok := ArrayIndex(key)
	if !ok {
		return -1
	}
	for value, ok := FirstElement(doc, i); ok; value, ok = NextElement(doc, Skip(doc, value)) {
		if index == 0 {
			return value
		}
		index--
	}
	return -1
}

// ArrayIndex reads a key as an array index: decimal digits without a leading zero (RFC 6901 section 4), at most 18.
func ArrayIndex(key string) (int, bool) {
	if key == "" || len(key) > 18 || key[0] == '0' && len(key) > 1 {
		return 0, false
	}
	index := 0
	for i := range len(key) {
		if key[i]-'0' > 9 {
			return 0, false
		}
		index = 10*index + int(key[i]-'0')
	}
	return index, true
}
