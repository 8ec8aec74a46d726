package strictjson

import (
	"bytes"
	"math/bits"
)

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
	for i++; i < len(doc); i++ {
		if c := doc[i]; c <= ' ' || c == ',' || c|0x20 == '}' { // ']' and '}' differ in that bit.
			break
		}
	}
	return i
}

// shortString is the length up to which looking at eight bytes at a time beats a search with the processor's widest
// instructions.
const shortString = 24

// skipString gives the end of the string whose opening quote is at i.
func skipString(doc []byte, i int) int {
	start := i + 1
	for i = start; i+8 <= len(doc) && i < start+shortString; {
		word := load(doc, i)
		quote, slant := word^quotes, word^backslants
		odd := (((quote - ones) &^ quote) | ((slant - ones) &^ slant)) & highs
		if odd == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(odd) >> 3; doc[i] == '"' {
			return i + 1
		}
		i += 2
	}
	return skipLongString(doc, start, i)
}

// skipLongString goes from quote to quote: the string, whose text begins at start and is read up to i, ends with the first
// one that has an even number of backslashes before it.
func skipLongString(doc []byte, start, i int) int {
	for i < len(doc) {
		next := bytes.IndexByte(doc[i:], '"')
		if next < 0 {
			break
		}
		i += next
		k := i
		for k > start && doc[k-1] == '\\' {
			k--
		}
		if i++; (i-k)&1 == 1 {
			return i
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
//
// It reads eight bytes at a time without looking at where strings begin and end: the number of quotes up to a byte is
// odd inside a string, brackets outside are counted, and only in the word where the count can come to zero, and in
// words with an escape, single bytes matter. Most words hold no bracket.
func SkipOut(doc []byte, i, levels int) (end int) {
	if levels <= 0 {
		return i
	}
	inside := uint64(0) // all bits set while inside a string
	for i+8 <= len(doc) {
		word := load(doc, i)
		slant, bracket := word^backslants, (word|bracketBits)^lows
		if (slant-ones)&^slant&highs != 0 {
			var done bool
			if i, levels, inside, done = skipBytes(doc, i, levels, inside); done {
				return i
			}
			continue
		}
		parity := zeroBytes(word^quotes) * ones // odd in a byte: an odd number of quotes up to there
		before := inside
		inside ^= -(parity >> 56 & 1)
		if (bracket-ones)&^bracket&highs == 0 {
			i += 8
			continue
		}
		brackets := zeroBytes(bracket) &^ (parity ^ before)
		if closing := brackets & (word >> 2); count(closing) < levels {
			levels += count(brackets) - 2*count(closing)
		} else if left := closeIn(brackets, closing, levels); left < 0 {
			return i - left
		} else {
			levels = left
		}
		i += 8
	}
	for i < len(doc) {
		var done bool
		if i, levels, inside, done = skipBytes(doc, i, levels, inside); done {
			return i
		}
	}
	return len(doc)
}

// closeIn counts brackets one by one, in a word in which the last container may end. It gives the number of open
// containers after the word, or, when the last one ends in it, the number of bytes up to there, negated.
func closeIn(brackets, closing uint64, levels int) int {
	for ; brackets != 0; brackets &= brackets - 1 {
		bit := brackets & -brackets
		if closing&bit == 0 {
			levels++
		} else if levels--; levels == 0 {
			return -(bits.TrailingZeros64(bit)>>3 + 1)
		}
	}
	return levels
}

// The brackets differ in the bits of bracketBits only, and with these set are 0x7F. So would be Y, y, _ and DEL, which do
// not occur outside of strings. Bit 1 tells the opening brackets, bit 2 the closing ones.
const (
	bracketBits = ones * 0x26
	lows        = ones * 0x7F
)

// count gives the number of bytes that are 1 in a word of ones and zeros.
func count(word uint64) int { return int((word * ones) >> 56) }

// zeroBytes gives 1 in each byte of a word that is zero, and 0 in the others.
func zeroBytes(word uint64) uint64 {
	return ^(((word & lows) + lows) | word | lows) >> 7
}

// skipBytes is SkipOut for the next eight bytes, or nine when the last of them is a backslash.
func skipBytes(doc []byte, i, levels int, inside uint64) (next, open int, stillInside uint64, done bool) {
	for stop := min(i+8, len(doc)); i < stop; i++ {
		switch c := doc[i]; {
		case c == '"':
			inside = ^inside
		case c == '\\':
			i++
		case inside != 0:
		case c == '{' || c == '[':
			levels++
		case c == '}' || c == ']':
			if levels--; levels == 0 {
				return i + 1, 0, 0, true
			}
		}
	}
	return i, levels, inside, false
}
