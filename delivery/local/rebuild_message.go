package local

import "fmt"

// messages finds each by its name again, and makes those deliveries pending
// whose state is lost.
func (r *rebuilder) messages() error {
	return r.each(bucketMessages, func(b *batch, t *tables, e pair) error {
		stored, err := decodeStored(e.v)
		if err != nil {
			return err
		}
		m, err := decodeMessage(stored.body)
		if err != nil {
			return err
		}
		r.report.Messages++
		t.put(bucketNames, nameKey(m.Source, m.ID), e.k)
		b.all().bytes += messageSize(len(e.v))
		for _, id := range stored.lanes {
			l := r.laneByID(id)
			if l == nil {
				l = b.lane(fmt.Sprint("lost-lane-", id))
			}
			if at := b.entry(place{l.id, seqOf(e.k)}); at.state == 0 {
				r.report.Again++
				b.pend(l, at, record{due: r.now, first: r.now, changed: r.now, asked: r.now})
			}
		}
		return nil
	})
}

// rows indexes the log again.
func (r *rebuilder) rows() error {
	return r.each(bucketLog, func(b *batch, _ *tables, e pair) error {
		a, err := decodeRow(seqOf(e.k), e.v)
		if err != nil {
			return err
		}
		r.report.Rows++
		b.indexRow(row{id: a.ID, logged: logged{lane: a.Lane, message: a.Message, success: a.Success}}, len(e.v))
		return nil
	})
}
