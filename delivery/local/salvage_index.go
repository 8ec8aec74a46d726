package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// primary are the buckets that the others can be made of.
var primary = [][]byte{
	bucketMeta, bucketLanes, bucketStats, bucketMessages, bucketDeliveries, bucketHolds, bucketLog,
	bucketDocuments,
}

// salvageIndex makes the index anew if it is damaged.
func salvageIndex(dir, suffix string, report *SalvageReport) error {
	path := indexPath(dir)
	if _, err := os.Stat(path); err != nil {
		return nil //nolint:nilerr // the journal may be all there is
	}
	wait := Options{}.withDefaults().LockWait
	db, _, err := openBolt(path, wait, true)
	var damage *DamageError
	if err != nil && !errors.As(err, &damage) {
		return err
	}
	if err == nil && indexIsWhole(db) {
		return db.Close()
	}
	report.Rebuilt = true
	made := path + ".salvage"
	_ = os.Remove(made)
	to, err := openIndex(made, wait)
	if err != nil {
		return err
	}
	if db != nil {
		err = errors.Join(copyReadable(to, db, &report.Index), closeDamaged(db))
	}
	if err == nil {
		err = rebuild(to, dir, &report.Index)
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	if err := os.Rename(path, path+suffix); err != nil {
		return err
	}
	report.Aside = append(report.Aside, path+suffix)
	return errors.Join(os.Rename(made, path), realDisk{}.SyncDir(dir))
}

// indexIsWhole reads the whole index.
func indexIsWhole(db *bbolt.DB) bool {
	seen := map[string]bool{}
	err := walkIndex(db, func(name, k, v []byte) error {
		seen[string(name)] = true
		if !readable(name, k, v) {
			return errDecode
		}
		return nil
	})
	return err == nil && seen[string(bucketMeta)]
}

// readable is whether an entry of the index can be read.
func readable(bucket, k, v []byte) bool {
	var err error
	switch string(bucket) {
	case string(bucketMessages):
		var s storedMessage
		if s, err = decodeStored(v); err == nil {
			_, err = decodeMessage(s.body)
		}
		return err == nil && len(k) == 8
	case string(bucketDeliveries):
		_, err = decodeRecord(v)
		return err == nil && len(k) == 13 && k[4] >= byte(delivery.Pending) && k[4] <= byte(delivery.Discarded)
	case string(bucketLog):
		_, err = decodeRow(0, v)
		return err == nil && len(k) == 8
	case string(bucketStats):
		_, err = decodeCounters(v)
		return err == nil && len(k) == 4
	case string(bucketLanes):
		return len(v) == 4 && len(k) > 0
	case string(bucketDocuments):
		_, err = decodeDocument(k, v)
	case string(bucketHolds):
		return len(k) > 8
	}
	return err == nil
}

// pair is a copy of an entry of the file.
type pair struct{ k, v []byte }

// copyStep is how many entries one transaction of a salvage writes.
const copyStep = 5000

// copyReadable copies what can be read of the primary buckets.
func copyReadable(to, from *bbolt.DB, report *IndexReport) error {
	broken := map[string]bool{}
	for _, name := range primary {
		whole, err := copyBucket(to, from, name, report)
		if err != nil {
			return err
		}
		broken[string(name)] = !whole
	}
	if !broken[string(bucketMessages)] {
		return nil
	}
	return findMessages(to, from, broken[string(bucketDeliveries)])
}

// copyBucket copies a bucket from its beginning, and if that breaks off from its
// end too: what cannot be read is between.
func copyBucket(to, from *bbolt.DB, name []byte, report *IndexReport) (whole bool, err error) {
	var last []byte
	for _, forward := range []bool{true, false} {
		stop := last
		var chunk []pair
		var failed error
		flush := func() {
			failed = errors.Join(failed, putAll(to, name, chunk))
			chunk = nil
		}
		whole := walkReadable(from, name, forward, func(k, v []byte) bool {
			if !forward && stop != nil && bytes.Compare(k, stop) <= 0 {
				return false
			}
			if !readable(name, k, v) {
				report.Unreadable++
				return true
			}
			if last = bytes.Clone(k); len(chunk) == copyStep {
				flush()
			}
			chunk = append(chunk, pair{last, bytes.Clone(v)})
			return failed == nil
		})
		if flush(); failed != nil {
			return false, failed
		}
		if whole {
			return forward, nil
		}
		report.Unreadable++
	}
	return false, nil
}

func putAll(to *bbolt.DB, name []byte, chunk []pair) error {
	return to.Update(func(tx *bbolt.Tx) error {
		for _, e := range chunk {
			if err := tx.Bucket(name).Put(e.k, e.v); err != nil {
				return err
			}
		}
		return nil
	})
}

// walkReadable gives the entries of a bucket until each is false; it is false
// when the file breaks off.
func walkReadable(db *bbolt.DB, name []byte, forward bool, each func(k, v []byte) bool) (whole bool) {
	defer func() {
		if r := recover(); r != nil {
			whole = false
		}
	}()
	err := db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(name)
		if b == nil {
			return fmt.Errorf("no bucket %s", name)
		}
		c := b.Cursor()
		first, next := c.First, c.Next
		if !forward {
			first, next = c.Last, c.Prev
		}
		for k, v := first(); k != nil; k, v = next() {
			if !each(k, v) {
				return nil
			}
		}
		return nil
	})
	return err == nil
}
