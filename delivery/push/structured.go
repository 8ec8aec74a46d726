package push

import (
	"github.com/voorpoort/voorpoort/strictjson"
)

// sequenceDigits is how long a sequence is: as long as the largest position, so
// that the order of texts is the order of numbers (CloudEvents, sequence
// extension).
const sequenceDigits = 20

// appendStructured appends the event as it was stored. With a sequence that is
// put in front of the other attributes, unless the event has one of its own.
func appendStructured(dst []byte, in *input) ([]byte, error) {
	doc, start, err := in.event()
	switch {
	case err != nil:
		return dst, err
	case !in.addsSequence(doc, start):
		return append(dst, doc[start:]...), nil
	}
	dst = appendSequence(append(dst, '{'), in.message.Seq)
	rest := skipSpace(doc, start+1)
	if doc[rest] != '}' {
		dst = append(dst, ',')
	}
	return append(dst, doc[rest:]...), nil
}

func (in *input) addsSequence(doc []byte, start int) bool {
	return in.sequence && strictjson.FindMember(doc, start, "sequence") < 0
}

// appendSequence appends the member.
func appendSequence(dst []byte, seq uint64) []byte {
	dst = append(dst, `"sequence":"`...)
	dst = appendSequenceText(dst, seq)
	return append(dst, '"')
}

func appendSequenceText(dst []byte, seq uint64) []byte {
	var digits [sequenceDigits]byte
	for i := sequenceDigits - 1; i >= 0; i-- {
		digits[i] = '0' + byte(seq%10)
		seq /= 10
	}
	return append(dst, digits[:]...)
}

// appendBatch appends the events as one JSON array.
func appendBatch(dst []byte, ins []input) ([]byte, error) {
	dst = append(dst, '[')
	for i := range ins {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendStructured(dst, &ins[i]); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}
