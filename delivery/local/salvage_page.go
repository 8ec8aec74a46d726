package local

import (
	"encoding/binary"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// What bbolt writes into its pages, in the byte order of every machine that it
// is built for here.
const (
	pageHead     = 16 // number (8), kind (2), count (2), further pages (4)
	pageLeaf     = 0x02
	leafElement  = 16 // flags (4), distance to the key (4), length of key (4) and value (4)
	leafIsBucket = 0x01
)

// findMessages looks for messages page by page. A damaged page in the upper part
// of a bucket hides all those below it, which are there all the same. So are
// pages that are no longer in use, since the file does not tell which those are:
// of the messages on them only those count that a delivery is there for. When
// the deliveries are damaged too, all do, and may be sent again. What has been
// copied stays as it is.
//
// The list of free pages would tell them apart, but an index is written without
// one, and bbolt makes it of a damaged file in a goroutine of its own, where a
// panic ends the process.
func findMessages(to, from *bbolt.DB, all bool) error {
	wanted, err := undelivered(to)
	if err != nil {
		return err
	}
	var chunk []pair
	flush := func() error {
		defer func() { chunk = nil }()
		return putMissing(to, bucketMessages, chunk)
	}
	err = eachLeaf(from.Path(), from.Info().PageSize, func(e pair) error {
		if len(e.k) != 8 || !all && !wanted[seqOf(e.k)] || !readable(bucketMessages, e.k, e.v) {
			return nil
		}
		delete(wanted, seqOf(e.k))
		if chunk = append(chunk, e); len(chunk) < copyStep {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// putMissing writes the entries whose keys are not there.
func putMissing(to *bbolt.DB, name []byte, chunk []pair) error {
	return to.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(name)
		for _, e := range chunk {
			if b.Get(e.k) != nil {
				continue
			}
			if err := b.Put(e.k, e.v); err != nil {
				return err
			}
		}
		return nil
	})
}

// undelivered is which messages there are deliveries for, but for those that
// have been copied.
func undelivered(db *bbolt.DB) (wanted map[uint64]bool, err error) {
	wanted = map[uint64]bool{}
	err = db.View(func(tx *bbolt.Tx) error {
		messages := tx.Bucket(bucketMessages)
		return tx.Bucket(bucketDeliveries).ForEach(func(k, _ []byte) error {
			if seq := seqOf(k); messages.Get(seqKey(seq)) == nil {
				wanted[seq] = true
			}
			return nil
		})
	})
	return wanted, err
}

// eachLeaf gives copies of the entries of all leaf pages of a file.
func eachLeaf(path string, size int, each func(pair) error) error {
	file, err := os.Open(path) //nolint:gosec // a name in the store's own folder
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	pages := uint64(info.Size()) / uint64(size)
	head := make([]byte, pageHead)
	for n := range pages {
		start := int64(n) * int64(size)
		if _, err := file.ReadAt(head, start); err != nil {
			return err
		}
		further, ok := leafHead(head, n)
		if !ok || further >= pages-n {
			continue
		}
		data := make([]byte, size*int(1+further))
		if _, err := file.ReadAt(data, start); err != nil && err != io.EOF {
			return err
		}
		for _, e := range leafEntries(data) {
			if err := each(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// leafHead tells whether a page's head is that of a leaf page with this number,
// and how many pages it has besides the first.
func leafHead(head []byte, number uint64) (further uint64, ok bool) {
	ok = binary.LittleEndian.Uint64(head) == number && binary.LittleEndian.Uint16(head[8:]) == pageLeaf
	return uint64(binary.LittleEndian.Uint32(head[12:])), ok
}

// leafEntries reads the entries of a leaf page, as far as they are within it.
func leafEntries(data []byte) (entries []pair) {
	if len(data) < pageHead {
		return nil
	}
	count := int(binary.LittleEndian.Uint16(data[10:]))
	for i := range count {
		at := pageHead + i*leafElement
		if at+leafElement > len(data) {
			return entries
		}
		element := data[at:]
		flags, key := binary.LittleEndian.Uint32(element), uint64(binary.LittleEndian.Uint32(element[4:]))
		value := key + uint64(binary.LittleEndian.Uint32(element[8:]))
		end := value + uint64(binary.LittleEndian.Uint32(element[12:]))
		if flags&leafIsBucket != 0 || end > uint64(len(element)) {
			continue
		}
		entries = append(entries, pair{element[key:value:value], element[value:end:end]})
	}
	return entries
}
