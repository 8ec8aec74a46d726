package manage

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/voorpoort/voorpoort/delivery"
)

// seq reads a position in the store that a page gave as its cursor.
func (q *query) seq(name string) uint64 {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		q.fault(name, "is not one that this list has given out")
	}
	return n
}

// place reads a place in a list of deliveries, nil for its beginning.
func (q *query) place(name string) *delivery.Position {
	text := q.values.Get(name)
	if text == "" {
		return nil
	}
	p, err := parsePlace(text)
	if err != nil {
		q.fault(name, "is not one that this list has given out")
		return nil
	}
	return &p
}

var errPlace = errors.New("manage: not a place in a list")

// placeText is a place in a list of deliveries as a cursor: it is nobody's
// business what it consists of.
func placeText(p delivery.Position) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatUint(p.Seq, 10) + " " + p.Lane))
}

func parsePlace(text string) (delivery.Position, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return delivery.Position{}, errPlace
	}
	number, lane, found := strings.Cut(string(raw), " ")
	seq, err := strconv.ParseUint(number, 10, 64)
	if err != nil || !found || lane == "" {
		return delivery.Position{}, errPlace
	}
	return delivery.Position{Lane: lane, Seq: seq}, nil
}

// cursorTo is the cursor of the next page, null behind the last.
func cursorTo(next uint64) *string {
	if next == 0 {
		return nil
	}
	text := strconv.FormatUint(next, 10)
	return &text
}
