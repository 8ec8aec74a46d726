package local

import (
	"fmt"
	"os"
	"time"
)

// SalvageReport tells what [Salvage] did.
type SalvageReport struct {
	Aside   []string // damaged files, under the names that they have now
	Missing []string // files of the journal that are not there
	Records int      // of the journal that were applied
	Skipped int64    // bytes of the journal that cannot be read

	Rebuilt bool // the index was damaged and was made anew; the rest is about it
	Index   IndexReport
}

// IndexReport tells what became of a damaged index.
type IndexReport struct {
	Messages   int // kept
	Deliveries int // kept
	Rows       int // of the log, kept
	Holds      int // kept
	Documents  int // kept
	Unreadable int // parts that cannot be read; how much was in them is not known
	Again      int // deliveries whose state is lost: pending, and so delivered again
	Bare       int // deliveries whose message is lost: dropped
}

// Salvage makes a damaged store whole enough to be opened. Everything that can
// be read is kept; a damaged file is moved aside, to a name that ends in
// ".damaged-" and a time, and never removed. What is lost is lost: the report
// says how much, as far as that can be known. The store must not be open.
//
// A store that is not damaged is left as it is.
func Salvage(dir string) (SalvageReport, error) {
	var report SalvageReport
	suffix := time.Now().UTC().Format(".damaged-20060102T150405.000000000")
	if err := salvageIndex(dir, suffix, &report); err != nil {
		return report, fmt.Errorf("salvaging the index: %w", err)
	}
	s, err := open(dir, Options{}, func(s *Store, from position) (position, error) {
		return s.salvageJournal(from, suffix, &report)
	})
	if err != nil {
		return report, fmt.Errorf("salvaging the journal: %w", err)
	}
	return report, s.Close()
}

// salvageJournal applies what can be read of the journal behind a position.
func (s *Store) salvageJournal(from position, suffix string, report *SalvageReport) (end position, err error) {
	numbers, err := segmentNumbers(s.dir)
	if err != nil {
		return from, err
	}
	c := &catcher{s: s}
	var damaged []string
	end = from
	want := max(from.segment, 1)
	for i, n := range numbers {
		if n < from.segment {
			continue
		}
		for ; want < n; want++ {
			report.Missing = append(report.Missing, segmentPath(s.dir, want))
		}
		want = n + 1
		limit := int64(-1) // of what counts in the file
		if i+1 < len(numbers) && numbers[i+1] == n+1 {
			if head, err := readHeader(s.dir, n+1, false); err == nil {
				limit = head.prevEnd
			}
		}
		at := position{n, headerSize}
		if n == from.segment {
			at = from
		}
		var skipped int64
		if end, skipped, err = s.salvageSegment(c, at, limit, i+1 < len(numbers), report); err != nil {
			return end, err
		}
		if skipped > 0 {
			report.Skipped += skipped
			damaged = append(damaged, segmentPath(s.dir, n))
		}
	}
	if err := c.flush(); err != nil {
		return end, err
	}
	if len(damaged) == 0 && len(report.Missing) == 0 && !report.Rebuilt {
		return end, nil
	}
	for _, path := range damaged {
		if err := os.Rename(path, path+suffix); err != nil {
			return end, err
		}
		report.Aside = append(report.Aside, path+suffix)
	}
	return end, nil
}

// salvageSegment applies what can be read of a file: what follows a record that
// cannot be read is found by the next marker. limit is how much of the file
// counts, -1 if that is not known; more is whether files follow.
func (s *Store) salvageSegment(c *catcher, at position, limit int64, more bool, report *SalvageReport) (position, int64, error) {
	data, err := os.ReadFile(segmentPath(s.dir, at.segment))
	if err != nil {
		return at, 0, err
	}
	var skipped int64
	if limit >= 0 && limit <= int64(len(data)) {
		data = data[:limit]
	} else if limit > int64(len(data)) {
		skipped += limit - int64(len(data))
	}
	head, ok := parseHeader(data)
	if !ok {
		skipped += headerSize
		// Markers tell the salt of a file whose head is lost.
		head = guessHead(data, at.segment)
	}
	from := min(int(at.offset), len(data))
	for {
		end, err := scan(data, from, func(k kind, payload []byte, end int64) error {
			op, err := decodeOperation(k, payload)
			if err != nil {
				skipped += int64(len(payload)) + frameSize
				return nil //nolint:nilerr // one more that cannot be read
			}
			report.Records++
			return c.add(op, position{at.segment, end}, len(payload))
		})
		if err != nil || end == len(data) {
			return position{at.segment, int64(end)}, skipped, err
		}
		next := head.markerAfter(data, end)
		if next < 0 {
			if more || limit >= 0 {
				skipped += int64(len(data) - end)
			}
			return position{at.segment, int64(end)}, skipped, nil
		}
		skipped += int64(next - end)
		from = next
	}
}

// guessHead finds the salt of a file in the first record that can be a marker.
func guessHead(data []byte, number uint64) segment {
	for i := 0; i+markerSize <= len(data); i++ {
		k, payload, _, ok := parseFrame(data[i:])
		if !ok || k != kindMarker || len(payload) != markerSize-frameSize {
			continue
		}
		d := &decoder{b: payload[len(markerMagic):]}
		s := segment{number: uint64(d.int())}
		offset := d.int()
		s.salt = uint64(d.int())
		if s.number == number && offset == int64(i) {
			return s
		}
	}
	return segment{number: number}
}
