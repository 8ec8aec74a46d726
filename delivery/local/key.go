package local

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/voorpoort/voorpoort/delivery"
)

// Keys of the index are made of fixed parts, big-endian, so that their order is
// the order of what they name. Times are shifted to unsigned for the same reason.

func sortable(n int64) uint64   { return uint64(n) ^ 1<<63 }
func unsortable(n uint64) int64 { return int64(n ^ 1<<63) }

func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// laneOf gives the lane of a key that begins with it.
func laneOf(key []byte) uint32 { return binary.BigEndian.Uint32(key) }

func seqOf(key []byte) uint64 { return binary.BigEndian.Uint64(key[len(key)-8:]) }

func laneKey(lane uint32) []byte { return binary.BigEndian.AppendUint32(nil, lane) }

// deliveryKey: lane, state, Seq.
func deliveryKey(lane uint32, state delivery.State, seq uint64) []byte {
	return appendDeliveryKey(make([]byte, 0, 13), lane, state, seq)
}

func appendDeliveryKey(b []byte, lane uint32, state delivery.State, seq uint64) []byte {
	b = binary.BigEndian.AppendUint32(b, lane)
	return binary.BigEndian.AppendUint64(append(b, byte(state)), seq)
}

// dueKey: lane, time, Seq.
func dueKey(lane uint32, s slot) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 20), lane)
	b = binary.BigEndian.AppendUint64(b, sortable(s.due))
	return binary.BigEndian.AppendUint64(b, s.seq)
}

func slotOf(key []byte) slot {
	return slot{unsortable(binary.BigEndian.Uint64(key[4:])), binary.BigEndian.Uint64(key[12:])}
}

// orderPrefix: lane and the ordering key with its length, before Seq.
func orderPrefix(lane uint32, key string) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 14+len(key)), lane)
	b = binary.BigEndian.AppendUint16(b, uint16(len(key)))
	return append(b, key...)
}

func orderKey(lane uint32, key string, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(orderPrefix(lane, key), seq)
}

// idPrefixBytes is how much of an event's id is in keys as it is, so that ids
// that ascend in time, such as UUIDv7, are near each other in the index.
const idPrefixBytes = 64

func idPrefix(id string) []byte {
	b := append(make([]byte, 0, idPrefixBytes+17), id[:min(len(id), idPrefixBytes)]...)
	return append(b, 0)
}

// nameKey: the id and a hash of source and id.
func nameKey(source, id string) []byte {
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(source)))
	_, _ = h.Write(n[:])
	_, _ = h.Write([]byte(source))
	_, _ = h.Write([]byte(id))
	return append(idPrefix(id), h.Sum(nil)[:16]...)
}

// holdKey: when the request came, and the id.
func holdKey(created int64, id string) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(id)), sortable(created)), id...)
}

// rowKey: lane, success, id of the row.
func rowPrefix(lane uint32, success bool) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 13), lane)
	if success {
		return append(b, 1)
	}
	return append(b, 0)
}

func rowKey(lane uint32, success bool, id uint64) []byte {
	return binary.BigEndian.AppendUint64(rowPrefix(lane, success), id)
}

func messageRowKey(message string, id uint64) []byte {
	return binary.BigEndian.AppendUint64(idPrefix(message), id)
}
