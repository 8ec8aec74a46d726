package manage

import (
	"errors"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/settle"
)

// holdView is the intent of a write that is not settled.
type holdView struct {
	ID         string    `json:"id"`
	CreatedAt  time.Time `json:"createdAt"`
	AgeSeconds int64     `json:"ageSeconds"`
	Method     *string   `json:"method"` // null when the intent cannot be read
	Path       *string   `json:"path"`
	Rule       *string   `json:"rule"`

	// UnderWay: this gateway still has the request, and settles the hold when it
	// is answered.
	UnderWay bool `json:"underWay"`
}

// ErrUnderWay says that the request of a hold has not ended, or may not have, or
// that the gateway is making the call that a person asks for: what becomes of it
// the gateway will see itself.
var ErrUnderWay = errors.New("the request is under way")

func newHoldView(hold delivery.Hold, now time.Time) holdView {
	view := holdView{ID: hold.ID, CreatedAt: asShown(hold.Created), AgeSeconds: int64(max(now.Sub(hold.Created), 0) / time.Second)}
	var intent settle.Intent
	if intent.UnmarshalBinary(hold.Intent) == nil {
		view.Method, view.Path, view.Rule = optional(intent.Method), optional(intent.Path), optional(intent.Rule)
	}
	return view
}

// listHolds is GET /holds, oldest first. Those of requests that are under way
// are there as well.
func (h *Handler) listHolds(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	limit := q.limit()
	if err := q.err(); err != nil {
		return err
	}
	holds, err := h.config.Store.Holds(r.Context(), limit)
	if err != nil {
		return err
	}
	now := time.Now()
	views := make([]holdView, len(holds))
	for i := range holds {
		views[i] = newHoldView(holds[i], now)
		views[i].UnderWay = h.config.UnderWay != nil && h.config.UnderWay(holds[i].ID)
	}
	return answer(w, http.StatusOK, listing[holdView]{views})
}

// settleRequest is the body of a settlement by hand.
type settleRequest struct {
	Happened *bool `json:"happened" required:"true"`
}

// settledHold is a hold that is no more.
type settledHold struct {
	ID       string `json:"id"`
	Happened bool   `json:"happened"`
}

// settleHold is POST /holds/{id}/settle: a person says whether the write
// happened.
func (h *Handler) settleHold(w http.ResponseWriter, r *http.Request) error {
	body, err := readDocument[settleRequest](w, r)
	if err != nil {
		return err
	}
	if body.Happened == nil {
		return invalid(fault{"/happened", "is required: true if the register has the write, else false"})
	}
	id := r.PathValue("id")
	gone := missing("There is no such hold: it was settled.", "Not Found")
	if _, err := h.config.Store.HoldByID(r.Context(), id); errors.Is(err, delivery.ErrNotFound) {
		return gone
	} else if err != nil {
		return err
	}
	err = h.config.Settle(r.Context(), id, *body.Happened)
	if errors.Is(err, delivery.ErrNoHold) || errors.Is(err, delivery.ErrNotFound) {
		return gone
	}
	if errors.Is(err, ErrUnderWay) {
		return conflict(err.Error() + ": the gateway settles the hold itself when it ends; try again later")
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, settledHold{id, *body.Happened})
}
