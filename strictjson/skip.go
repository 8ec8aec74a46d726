package strictjson

import "math/bits"

// Skip gives the end of the value that starts at i. It looks for the closing bracket only, several times as fast as
// Check reads.
func Skip(doc []byte, i int) (end int) {
	if i >= len(doc) {
		return len(doc)
	}
	switch doc[i] {
	case '"':
		return skipString(doc, i)
	case '{', '[':
		return skipContainer(doc, i)
	}
	for i < len(doc) {
		switch doc[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return i
		}
		i++
	}
	return i
}

// skipString gives the end of the string whose opening quote is at i.
func skipString(doc []byte, i int) int {
	for i++; i < len(doc); {
		if i+8 <= len(doc) {
			word := load(doc, i)
			quote, slant := word^quotes, word^backslants
			odd := (((quote - ones) &^ quote) | ((slant - ones) &^ slant)) & highs
			if odd == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(odd) >> 3
		}
		switch doc[i] {
		case '"':
			return i + 1
		case '\\':
			i += 2
		default:
			i++
		}
	}
	return len(doc)
}

// skipContainer gives the end of the object or array at i.
func skipContainer(doc []byte, i int) int {
	return SkipOut(doc, i+1, 1)
}

// SkipOut gives the end of a container that has been entered and read up to i: levels is the number of containers
// that are open at i and end with it, 1 for the innermost. Zero levels end at i itself.
func SkipOut(doc []byte, i, levels int) (end int) {
	if levels <= 0 {
		return i
	}
	for i < len(doc) {
		switch doc[i] {
		case '"':
			i = skipString(doc, i)
			continue
		case '{', '[':
			levels++
		case '}', ']':
			levels--
			if levels == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(doc)
}
