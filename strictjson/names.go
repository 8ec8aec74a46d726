package strictjson

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

const (
	// linearNames is the number of members up to which comparing with each earlier name beats a hash table.
	linearNames = 16
	// keptNames and keptBytes bound what a pooled nameSet keeps, so that one huge document does not stay in memory.
	keptNames = 1 << 16
	keptBytes = 1 << 18
)

// Odd constants that spread bits.
const mixA, mixB uint64 = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F

// seed makes the hash table's order unpredictable: nobody can choose names that all collide.
var seed = maphash.MakeSeed()

// nameSet holds the member names of the objects that are open at one point of a document, the innermost object's
// names last. All objects share one hash table with linear probing: objects close in the reverse order of their
// opening, so emptying the slots of the names that came last leaves the table exactly as it was before them.
type nameSet struct {
	keys  []uint64  // see nameKey; not kept for names that came when the object was hashed already
	refs  []nameRef // where each name is
	table []uint32  // position in refs plus one, 0 = free; the length is a power of two
	used  int       // occupied slots of table
	arena []byte    // unescaped names
}

// nameRef locates a name: unescaped in the arena, or else in the document.
type nameRef struct {
	offset, size int
	hash, slot   uint32 // meaningful when hashed
	hashed       bool   // in the table
	unescaped    bool
}

// nameKey condenses a name into a word so that different names nearly always differ in it. It is cheap and can be
// cheated, which is why only short lists are searched by it.
func nameKey(name []byte) uint64 {
	n := len(name)
	var head, tail uint64
	switch {
	case n >= 8:
		head, tail = load(name, 0), load(name, n-8)
	case n >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(name)), uint64(binary.LittleEndian.Uint32(name[n-4:]))
	case n > 0:
		head, tail = uint64(name[0]), uint64(name[n>>1])<<8|uint64(name[n-1])
	}
	return (head+uint64(n))*mixA ^ bits.RotateLeft64(tail*mixB, 32)
}

// reset empties the set and gives up memory that only an exceptional document needs.
func (s *nameSet) reset() {
	if s.used > 0 { // Only after a document that was refused half-way.
		clear(s.table)
		s.used = 0
	}
	if cap(s.keys) > keptNames {
		s.keys, s.refs, s.table = nil, nil, nil
	}
	if cap(s.arena) > keptBytes {
		s.arena = nil
	}
	s.keys, s.refs, s.arena = s.keys[:0], s.refs[:0], s.arena[:0]
}

// add puts the name doc[offset:offset+size], as it stands between its quotes, into the object whose names begin at
// first. It reports false when the object has that name already.
func (s *nameSet) add(doc []byte, first, offset, size int, escaped bool) bool {
	name := doc[offset : offset+size]
	ref := nameRef{offset: offset, size: size}
	if escaped {
		ref.offset, ref.unescaped = len(s.arena), true
		s.arena = appendUnescaped(s.arena, name)
		name = s.arena[ref.offset:]
		ref.size = len(name)
	}
	if len(s.refs)-first < linearNames {
		key := nameKey(name)
		for i, other := range s.keys[first:] {
			if other == key && bytes.Equal(s.name(doc, first+i), name) {
				return false
			}
		}
		s.keys, s.refs = append(s.keys, key), append(s.refs, ref)
		return true
	}
	return s.addHashed(doc, first, name, ref)
}

// addHashed is add for an object with many names.
func (s *nameSet) addHashed(doc []byte, first int, name []byte, ref nameRef) bool {
	if !s.refs[first].hashed {
		s.reserve(linearNames)
		for i := first; i < len(s.refs); i++ {
			s.refs[i].hash = hashName(first, s.name(doc, i))
			s.place(i)
		}
	}
	s.reserve(1)
	ref.hash = hashName(first, name)
	slot, found := s.probe(doc, first, name, ref.hash)
	if found >= 0 {
		return false
	}
	s.keys, s.refs = append(s.keys, 0), append(s.refs, ref)
	s.occupy(slot, len(s.refs)-1)
	return true
}

// find gives the position of a name among those of the object whose names begin at first, or -1.
func (s *nameSet) find(doc []byte, first int, name []byte) int {
	if len(s.refs)-first <= linearNames {
		key := nameKey(name)
		for i, other := range s.keys[first:] {
			if other == key && bytes.Equal(s.name(doc, first+i), name) {
				return first + i
			}
		}
		return -1
	}
	_, found := s.probe(doc, first, name, hashName(first, name))
	return found
}

// truncate forgets the names from first on, which are those of the innermost object.
func (s *nameSet) truncate(first int) {
	if len(s.refs)-first > linearNames {
		for _, ref := range s.refs[first:] {
			s.table[ref.slot] = 0
		}
		s.used -= len(s.refs) - first
	}
	s.keys, s.refs = s.keys[:first], s.refs[:first]
}

// name gives the bytes of a name.
func (s *nameSet) name(doc []byte, i int) []byte {
	ref := &s.refs[i]
	if ref.unescaped {
		return s.arena[ref.offset : ref.offset+ref.size]
	}
	return doc[ref.offset : ref.offset+ref.size]
}

// hash mixes the object into a name's hash, or else an "id" in each of a hundred nested objects would collide.
func hashName(first int, name []byte) uint32 {
	return uint32((maphash.Bytes(seed, name) ^ uint64(first)*mixA) >> 16)
}

// probe looks for a name of the innermost object; without one it gives the free slot where the name belongs.
func (s *nameSet) probe(doc []byte, first int, name []byte, hash uint32) (slot uint32, found int) {
	mask := uint32(len(s.table) - 1)
	for slot = hash & mask; s.table[slot] != 0; slot = (slot + 1) & mask {
		i := int(s.table[slot]) - 1
		if i >= first && s.refs[i].hash == hash && bytes.Equal(s.name(doc, i), name) {
			return slot, i
		}
	}
	return slot, -1
}

// occupy enters the name at position i of refs into a free slot.
func (s *nameSet) occupy(slot uint32, i int) {
	s.table[slot] = uint32(i + 1)
	s.refs[i].slot, s.refs[i].hashed = slot, true
	s.used++
}

// place enters the name at position i of refs, whose hash is known, where its hash wants it.
func (s *nameSet) place(i int) {
	mask := uint32(len(s.table) - 1)
	slot := s.refs[i].hash & mask
	for s.table[slot] != 0 {
		slot = (slot + 1) & mask
	}
	s.occupy(slot, i)
}

// reserve makes room for n more names and keeps the table at most half full.
func (s *nameSet) reserve(n int) {
	if 2*(s.used+n) <= len(s.table) {
		return
	}
	s.table, s.used = make([]uint32, max(8*linearNames, 2*len(s.table))), 0
	for i := range s.refs { // In the order of their coming: truncate relies on it.
		if s.refs[i].hashed {
			s.place(i)
		}
	}
}
