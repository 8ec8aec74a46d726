package local

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// The journal's files. A file begins with a header:
//
//	"VPJRNL01", number, end of the file before it, salt (8 bytes each), CRC-32C
//
// and has records:
//
//	length of what follows the checksum, CRC-32C of it (4 bytes each), kind (1
//	byte), payload
//
// Numbers are big-endian. Each flush begins with a marker: a record that names
// its own file and offset. A record that cannot be read, with a marker behind
// it, was flushed before it was damaged; without one it may have been cut off
// by a crash.
const (
	segmentMagic = "VPJRNL01"
	markerMagic  = "\xf7VPMARK\n"
	headerSize   = 8 + 8 + 8 + 8 + 4
	frameSize    = 4 + 4 + 1
	markerSize   = frameSize + 8 + 8 + 8 + 8

	// maxRecord is the largest payload of a record: a damaged length must not
	// make the reader take the rest of a file for one record, and one caller
	// must not hold up all others.
	maxRecord = 256 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// kind is what a record says.
type kind byte

const (
	kindMarker kind = iota + 1
	kindHold
	kindRelease
	kindAppend
	kindReplay
	kindDiscard
	kindSettle
)

// segment is the head of a file of the journal.
type segment struct {
	number  uint64
	prevEnd int64  // how much of the file before it counts
	salt    uint64 // in markers, so that no event can look like one
}

func (s segment) header() []byte {
	b := append(make([]byte, 0, headerSize), segmentMagic...)
	b = binary.BigEndian.AppendUint64(b, s.number)
	b = binary.BigEndian.AppendUint64(b, uint64(s.prevEnd))
	b = binary.BigEndian.AppendUint64(b, s.salt)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func parseHeader(b []byte) (segment, bool) {
	if len(b) < headerSize || string(b[:8]) != segmentMagic ||
		crc32.Checksum(b[:headerSize-4], castagnoli) != binary.BigEndian.Uint32(b[headerSize-4:]) {
		return segment{}, false
	}
	return segment{
		number:  binary.BigEndian.Uint64(b[8:]),
		prevEnd: int64(binary.BigEndian.Uint64(b[16:])),
		salt:    binary.BigEndian.Uint64(b[24:]),
	}, true
}

// marker gives the record that begins a flush at an offset.
func (s segment) marker(b []byte, offset int64) []byte {
	from := len(b)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, byte(kindMarker))
	b = append(b, markerMagic...)
	b = binary.BigEndian.AppendUint64(b, s.number)
	b = binary.BigEndian.AppendUint64(b, uint64(offset))
	b = binary.BigEndian.AppendUint64(b, s.salt)
	endFrame(b[from:])
	return b
}

// beginFrame gives room for a record's head; endFrame writes it.
func beginFrame(k kind, capacity int) []byte {
	b := make([]byte, frameSize, frameSize+capacity)
	b[frameSize-1] = byte(k)
	return b
}

func endFrame(b []byte) []byte {
	binary.BigEndian.PutUint32(b, uint32(len(b)-8))
	binary.BigEndian.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
	return b
}

func frame(k kind, payload []byte) []byte {
	return endFrame(append(beginFrame(k, len(payload)), payload...))
}

// parseFrame reads the record at the beginning of b.
func parseFrame(b []byte) (k kind, payload []byte, size int, ok bool) {
	if len(b) < frameSize {
		return 0, nil, 0, false
	}
	n := int64(binary.BigEndian.Uint32(b))
	if n < 1 || n > maxRecord+1 || n > int64(len(b)-8) {
		return 0, nil, 0, false
	}
	body := b[8 : 8+n : 8+n]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(b[4:]) {
		return 0, nil, 0, false
	}
	return kind(body[0]), body[1:], int(8 + n), true
}

// markerAfter finds the first marker of this file behind an offset, or -1.
func (s segment) markerAfter(data []byte, offset int) int {
	for from := offset; ; {
		i := bytes.Index(data[min(from, len(data)):], []byte(markerMagic))
		if i < 0 {
			return -1
		}
		at := from + i - frameSize
		if at > offset && at+markerSize <= len(data) &&
			bytes.Equal(data[at:at+markerSize], s.marker(nil, int64(at))) {
			return at
		}
		from += i + 1
	}
}

// scan gives the records of a file's data in order, up to the first that cannot
// be read; end is its offset, or the end of the data.
func scan(data []byte, from int, each func(k kind, payload []byte, end int64) error) (end int, err error) {
	for end = from; end < len(data); {
		k, payload, size, ok := parseFrame(data[end:])
		if !ok {
			return end, nil
		}
		end += size
		if k == kindMarker {
			continue
		}
		if err := each(k, payload, int64(end)); err != nil {
			return end, err
		}
	}
	return end, nil
}
