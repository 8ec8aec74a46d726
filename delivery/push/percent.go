package push

const upperHex = "0123456789ABCDEF"

// appendFieldValue appends a text as the value of a ce- header field: UTF-8,
// with space, quotation mark, percent sign and everything that is not printable
// ASCII percent-encoded (CloudEvents 1.0.2, HTTP binding section 3.1.3.2).
func appendFieldValue(dst []byte, text string) []byte {
	for i := range len(text) {
		c := text[i]
		if c <= ' ' || c == '"' || c == '%' || c > '~' {
			dst = appendPercent(dst, c)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// appendQueryText appends a text as part of a query; only unreserved characters
// are left as they are (RFC 3986 section 2.3), as PHP's rawurlencode does.
func appendQueryText(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; isAlphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '~' {
			dst = append(dst, c)
		} else {
			dst = appendPercent(dst, c)
		}
	}
	return dst
}

func appendPercent(dst []byte, c byte) []byte {
	return append(dst, '%', upperHex[c>>4], upperHex[c&15])
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
