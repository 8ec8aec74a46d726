package manage

import (
	"context"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// frugal is the store as requests and jobs read it: a page is bounded not only in
// what is on it, but also in the bytes of bodies that are in memory for it. It
// reads a page in parts, the next as large as the bodies of the one before allow,
// and leaves out the bodies that the context's [bodies] does not take.
type frugal struct{ Store }

// Bounds of a part of a page.
const (
	firstPart = 8       // items: a body may have megabytes
	partBytes = 2 << 20 // of bodies, as far as the parts before tell
)

// part says how many items are read next.
type part struct{ items, bytes, left int }

func (p *part) next() int {
	if p.items == 0 {
		return min(firstPart, p.left)
	}
	return min(max(1, partBytes/max(1, p.bytes/p.items)), p.left)
}

func (p *part) saw(items, bytes int) {
	p.items, p.bytes, p.left = p.items+items, p.bytes+bytes, p.left-items
}

func pageOf(limit int) part {
	if limit <= 0 {
		limit = defaultPage
	}
	return part{left: min(limit, maxPage+1)} // one more tells whether something follows
}

// Messages implements [delivery.Inspector].
func (f frugal) Messages(ctx context.Context, q delivery.MessageQuery) (all []delivery.Message, next uint64, err error) {
	kept := bodiesOf(ctx)
	for p := pageOf(q.Limit); p.left > 0; {
		q.Limit = p.next()
		some, stopped, err := f.Store.Messages(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		bytes := 0
		for i := range some {
			bytes += len(some[i].Event)
			if some[i].Event, err = kept.take(ctx, some[i].Event); err != nil {
				return nil, 0, err
			}
		}
		all, next = append(all, some...), stopped
		if next == 0 || len(some) < q.Limit {
			break
		}
		p.saw(len(some), bytes)
		if q.Newest {
			q.Before = next
		} else {
			q.After = next
		}
	}
	return all, next, nil
}

// Deliveries implements [delivery.Archive].
func (f frugal) Deliveries(ctx context.Context, q delivery.DeliveryQuery) (all []delivery.Delivery, err error) {
	kept := bodiesOf(ctx)
	for p := pageOf(q.Limit); p.left > 0; {
		q.Limit = p.next()
		some, err := f.Store.Deliveries(ctx, q)
		if err != nil {
			return nil, err
		}
		bytes := 0
		for i := range some {
			bytes += len(some[i].Message.Event)
			if some[i].Message, err = kept.message(ctx, some[i].Message); err != nil {
				return nil, err
			}
		}
		all = append(all, some...)
		if len(some) < q.Limit {
			break
		}
		p.saw(len(some), bytes)
		last := &some[len(some)-1]
		q.After = &delivery.Position{Lane: last.Lane, Seq: last.Seq}
	}
	return all, nil
}

// Attempts implements [delivery.Archive].
func (f frugal) Attempts(ctx context.Context, q delivery.AttemptQuery) (all []delivery.Attempt, total uint64, err error) {
	kept := bodiesOf(ctx)
	for p, first := pageOf(q.Limit), true; p.left > 0; first = false {
		q.Limit = p.next()
		some, count, err := f.Store.Attempts(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		if first {
			total = count
		}
		bytes := 0
		for i := range some {
			for _, body := range []*[]byte{&some[i].Request, &some[i].Response} {
				bytes += len(*body)
				if *body, err = kept.take(ctx, *body); err != nil {
					return nil, 0, err
				}
			}
		}
		all = append(all, some...)
		if len(some) < q.Limit {
			break
		}
		p.saw(len(some), bytes)
		q.Before, q.Offset = some[len(some)-1].ID, 0
	}
	return all, total, nil
}

// Lease implements [Leaser]: what is leased is what there is room for.
func (f frugal) Lease(ctx context.Context, lane string, limit int, until time.Time) (all []delivery.Lease, next time.Time, err error) {
	kept := bodiesOf(ctx)
	if kept.open() {
		if err := kept.enter(ctx); err != nil { // before anything is the caller's
			return nil, next, err
		}
	}
	for p := pageOf(limit); p.left > 0 && (len(all) == 0 || kept.room()); {
		n := p.next()
		some, due, err := f.Store.Lease(ctx, lane, n, until)
		if err != nil {
			if len(all) > 0 {
				return all, next, nil // these are the caller's already
			}
			return nil, due, err
		}
		if len(some) > 0 {
			doingOf(ctx).change = true
		}
		bytes := 0
		for i := range some {
			bytes += len(some[i].Message.Event)
			if !kept.open() {
				some[i].Message, _ = kept.message(ctx, some[i].Message)
			} else {
				kept.spend(len(some[i].Message.Event))
			}
		}
		all, next = append(all, some...), due
		if len(some) < n {
			break
		}
		p.saw(len(some), bytes)
	}
	return all, next, nil
}
