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
		value, ok := firstElement(arr, skipSpace(arr, 0))
		for ok {
			end := Skip(arr, value)
			if !yield(arr[value:end]) {
				return
			}
			value, ok = nextElement(arr, end)
		}
	}
}

// firstElement gives the position of the first element of the array at i.
func firstElement(doc []byte, i int) (int, bool) {
	if i >= len(doc) || doc[i] != '[' {
		return 0, false
	}
	i = skipSpace(doc, i+1)
	return i, i < len(doc) && doc[i] != ']'
}

// nextElement gives the position of the element after the one that ends at end.
func nextElement(doc []byte, end int) (int, bool) {
	i := skipSpace(doc, end)
	if i >= len(doc) || doc[i] != ',' {
		return 0, false
	}
	i = skipSpace(doc, i+1)
	return i, i < len(doc)
}
