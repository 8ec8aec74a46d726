package main

import (
	"context"
	"fmt"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// lettersOf reads what a store still holds: deliveries that are pending, dead
// or skipped. Nobody may be using the store.
func lettersOf(ctx context.Context, archive delivery.Archive) ([]letter, error) {
	var letters []letter
	for _, state := range []delivery.State{delivery.Pending, delivery.Dead, delivery.Skipped} {
		query := delivery.DeliveryQuery{State: state, Limit: 1000}
		for {
			page, err := archive.Deliveries(ctx, query)
			if err != nil {
				return nil, fmt.Errorf("reading the store: %w", err)
			}
			if len(page) == 0 {
				break
			}
			for _, d := range page {
				letters = append(letters, letterOf(d))
			}
			last := page[len(page)-1]
			query.After = &delivery.Position{Lane: last.Lane, Seq: last.Seq}
		}
	}
	return letters, nil
}

// letterOf reads one delivery. A webhook's lane has its name.
func letterOf(d delivery.Delivery) letter {
	l := letter{Hook: d.Lane, Pending: d.State == delivery.Pending, Reason: d.Reason, Due: time.Until(d.Due)}
	var err error
	if l.notice, err = readNotice(d.Message.Event); err != nil {
		l.notice = notice{Event: d.Message.ID, Damaged: err.Error()}
	}
	return l
}
