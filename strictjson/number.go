package strictjson

import "bytes"

// EqualNumber tells whether two number tokens have the same value, compared exactly: 5, 5.0 and 50e-1 are equal, -0 is 0,
// 12345678901234567890 is not 12345678901234567891, and 1e400 is compared like any other. Time and memory depend
// on the length of the tokens only, never on the size of an exponent.
func EqualNumber(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if isInteger(a) && isInteger(b) {
		return false // Without leading zeros an integer has one spelling; -0 does not count as one here.
	}
	x, y := parseDecimal(a), parseDecimal(b)
	if x.zero() || y.zero() {
		return x.zero() && y.zero()
	}
	return x.negative == y.negative && equalDigits(x.digits, y.digits) && equalExponents(x, y)
}

// isInteger tells whether a number is written with digits only, the first of which is not 0, or is just 0.
func isInteger(token []byte) bool {
	digits := token
	if len(token) > 0 && token[0] == '-' {
		digits = token[1:]
	}
	if len(digits) == 0 || digits[0] == '0' && len(token) > 1 {
		return false
	}
	return skipDigits(digits, 0) == len(digits)
}

// decimal is a number 0.DIGITS * 10^(exponent+shift), where digits begins and ends with a digit other than 0 and may hold a
// decimal point that means nothing any more.
type decimal struct {
	negative    bool
	digits      []byte
	shift       int64
	exponent    []byte // magnitude without leading zeros
	expNegative bool
}

func (d decimal) zero() bool { return len(d.digits) == 0 }

// parseDecimal takes a number token apart.
func parseDecimal(token []byte) decimal {
	var d decimal
	if len(token) > 0 && token[0] == '-' {
		d.negative, token = true, token[1:]
	}
	mantissa := token
	if i := bytes.IndexAny(token, "eE"); i >= 0 {
		mantissa, d.exponent = token[:i], token[i+1:]
	}
	if len(d.exponent) > 0 && (d.exponent[0] == '-' || d.exponent[0] == '+') {
		d.expNegative, d.exponent = d.exponent[0] == '-', d.exponent[1:]
	}
	d.exponent = bytes.TrimLeft(d.exponent, "0")
	point := bytes.IndexByte(mantissa, '.')
	if point < 0 {
		point = len(mantissa)
	}
	trimmed := bytes.TrimLeft(mantissa, "0.")
	d.shift = int64(point - (len(mantissa) - len(trimmed)))
	if d.shift < 0 {
		d.shift++ // The point itself was among what was trimmed.
	}
	d.digits = bytes.TrimRight(trimmed, "0.")
	return d
}

// equalDigits compares digits, of which each side may hold one decimal point.
func equalDigits(a, b []byte) bool {
	for {
		if len(a) > 0 && a[0] == '.' {
			a = a[1:]
		}
		if len(b) > 0 && b[0] == '.' {
			b = b[1:]
		}
		if len(a) == 0 || len(b) == 0 {
			return len(a) == len(b)
		}
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

// smallExponent is the number of digits of an exponent that can be added to a shift without overflow.
const smallExponent = 18

// equalExponents compares exponent+shift.
func equalExponents(x, y decimal) bool {
	if len(x.exponent) <= smallExponent && len(y.exponent) <= smallExponent {
		return x.shift+smallInt(x.exponent, x.expNegative) == y.shift+smallInt(y.exponent, y.expNegative)
	}
	a, aNegative := shifted(x)
	b, bNegative := shifted(y)
	return bytes.Equal(a, b) && (aNegative == bNegative || len(a) == 0)
}

// smallInt reads at most smallExponent digits.
func smallInt(digits []byte, negative bool) int64 {
	var n int64
	for _, c := range digits {
		n = 10*n + int64(c-'0')
	}
	if negative {
		return -n
	}
	return n
}

// shifted gives exponent+shift as digits without leading zeros and a sign, by the method taught at school.
func shifted(d decimal) (sum []byte, negative bool) {
	carry, sign := d.shift, int64(1)
	if d.expNegative {
		carry = -carry
	}
	// From here on the exponent counts as positive. The sum is negative only when the exponent is short.
	if len(d.exponent) <= smallExponent {
		if carry += smallInt(d.exponent, false); carry < 0 {
			carry, sign = -carry, -1
		}
		d.exponent = nil
	}
	sum = append(make([]byte, 20, 20+len(d.exponent)), d.exponent...)
	for i := range 20 {
		sum[i] = '0'
	}
	for i := len(sum) - 1; i >= 0 && carry != 0; i-- {
		carry += int64(sum[i] - '0')
		digit := carry % 10
		if digit < 0 {
			digit += 10
		}
		sum[i] = byte('0' + digit)
		carry = (carry - digit) / 10
	}
	return bytes.TrimLeft(sum, "0"), d.expNegative != (sign < 0)
}
