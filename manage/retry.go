package manage

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/voorpoort/voorpoort/delivery"
)

// retryLog makes a failed call again. If it fails again the answer is a problem
// with status 502, which has OpenRegister's members too.
func (h *Handler) retryLog(w http.ResponseWriter, r *http.Request) error {
	row, err := h.rowOf(r)
	if err != nil {
		return err
	}
	if row.Success {
		return refuse(http.StatusBadRequest, "Cannot retry a successful webhook delivery")
	}
	e := h.webhooksOf([]delivery.Attempt{*row})[row.Lane]
	if e == nil {
		return refuse(http.StatusNotFound, textNoWebhook)
	}
	about(r.Context(), e)
	a, err := h.config.Resend(r.Context(), *e, *row)
	switch {
	case errors.Is(err, delivery.ErrNotFound):
		return refuse(http.StatusBadRequest, "No payload available for retry")
	case errors.Is(err, ErrUnderWay):
		return conflict("The gateway is calling the webhook about this event now. Look at the log in a moment.")
	case err != nil:
		return fmt.Errorf("making a call again: %w", err)
	}
	result := h.result(r, e, &a, "Webhook retry delivered successfully", "Webhook retry delivery failed")
	if result.Success {
		return answer(w, http.StatusOK, result)
	}
	p := refuse(http.StatusBadGateway, result.Message)
	p.Members = map[string]any{"success": false, "message": result.Message, "attempt": result.Attempt}
	if result.ErrorDetails != nil {
		p.Members["error_details"] = result.ErrorDetails
	}
	return p
}
