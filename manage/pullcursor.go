package manage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// pullCursor is how far a subscriber has looked: the position of the last message
// that was given, and the latest time at which one of those given had become
// pending. What became pending later, such as by a replay, was not given, wherever
// it stands; so the store's own times are compared, and no clock but the store's.
// As text it is "<position>-<nanoseconds>".
type pullCursor struct {
	seq    uint64
	latest int64
}

// givenUpTo is the cursor behind a page that went on behind another; nil for none.
func givenUpTo(before pullCursor, page []delivery.Delivery) *string {
	if len(page) == 0 {
		return nil
	}
	c := pullCursor{seq: page[len(page)-1].Seq, latest: before.latest}
	for i := range page {
		c.latest = max(c.latest, page[i].Stamp)
	}
	text := fmt.Sprintf("%d-%d", c.seq, c.latest)
	return &text
}

// parsePullCursor reads what a pull has given.
func parsePullCursor(text string) (c pullCursor, ok bool) {
	seq, latest, found := strings.Cut(text, "-")
	c.seq, ok = position(seq)
	if !found || !ok {
		return pullCursor{}, false
	}
	latestNanos, err := strconv.ParseInt(latest, 10, 64)
	c.latest = latestNanos
	return c, err == nil && latestNanos > 0
}

// covers tells whether a pending delivery is one that the subscriber was given.
// One that another caller has leased is that caller's to acknowledge.
func (c pullCursor) covers(d *delivery.Delivery, now time.Time) bool {
	return d.Seq <= c.seq && d.Stamp <= c.latest && !d.Due.After(now)
}
