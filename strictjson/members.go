package strictjson

import "iter"

// Members goes over an object's members in the order of the document: the name as it is written, with its quotes and
// escapes (see [NameIs] and [Unquote]), and the value without surrounding whitespace. A value that is not an
// object has no members.
func Members(obj []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for c := Enter(obj, skipSpace(obj, 0)); c.Valid(); c.Next() {
			if !yield(c.Name(), c.Value()) {
				return
			}
		}
	}
}

// Elements goes over an array's elements. A value that is not an array has none.
func Elements(arr []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		value, ok := FirstElement(arr, skipSpace(arr, 0))
		for ok {
			end := Skip(arr, value)
			if !yield(arr[value:end]) {
				return
			}
			value, ok = NextElement(arr, end)
		}
	}
}

// FirstElement gives the position of the first element of the array that starts at i; it reports false for an empty
// array and for other values. With NextElement it is [Elements] for those who copy a document around its changes.
func FirstElement(doc []byte, i int) (int, bool) {
	if i >= len(doc) || doc[i] != '[' {
		return 0, false
	}
	i = skipSpace(doc, i+1)
	return i, i < len(doc) && doc[i] != ']'
}

// NextElement gives the position of the element after the one that ends at end (see [Skip]), if there is one.
func NextElement(doc []byte, end int) (int, bool) {
	i := skipSpace(doc, end)
	if i >= len(doc) || doc[i] != ',' {
		return 0, false
	}
	i = skipSpace(doc, i+1)
	return i, i < len(doc)
}
