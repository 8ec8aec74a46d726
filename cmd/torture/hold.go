package main

import (
	"net/http"
	"net/url"
	"path"
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/settle"
)

// maxHolds bounds how many holds are read: more than a gateway can have in
// flight.
const maxHolds = 10_000

// lettersOfHolds reads holds that nobody has settled: each is a letter that is
// still pending for every webhook, if its write happened. A hold that cannot be
// read excuses nothing.
func lettersOfHolds(holds []delivery.Hold, hooks []string) []letter {
	var letters []letter
	for _, h := range holds {
		n, ok := noticeOfHold(h)
		if !ok {
			continue
		}
		for _, hook := range hooks {
			letters = append(letters, letter{Hook: hook, Pending: true, Held: true, notice: n})
		}
	}
	return letters
}

// noticeOfHold reads which write a hold is about.
func noticeOfHold(h delivery.Hold) (notice, bool) {
	var intent settle.Intent
	if intent.UnmarshalBinary(h.Intent) != nil {
		return notice{}, false
	}
	query, err := url.ParseQuery(intent.Query)
	if err != nil {
		return notice{}, false
	}
	written, err := strconv.ParseUint(query.Get("number"), 10, 64)
	if err != nil {
		return notice{}, false
	}
	n := notice{Event: intent.Event, Number: number(written), Action: create}
	switch intent.Method {
	case http.MethodPut:
		n.Action, n.Object = update, path.Base(intent.Path)
	case http.MethodDelete:
		n.Action, n.Object = remove, path.Base(intent.Path)
	}
	return n, true
}
