package manage

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
)

// callResult is the answer to a test and to a retry, in OpenRegister's words,
// with the row of the log.
type callResult struct {
	Success      bool       `json:"success"`
	Message      string     `json:"message"`
	ErrorDetails *callError `json:"error_details,omitempty"`
	Attempt      *logRow    `json:"attempt"`
}

// callError says what a receiver answered that did not take the call.
type callError struct {
	StatusCode   int     `json:"status_code"`
	ResponseBody *string `json:"response_body"` // null without the scope read:payload
}

// testWebhook sends a test event and says what became of it: a receiver that
// refuses it is no failure of this request.
func (h *Handler) testWebhook(w http.ResponseWriter, r *http.Request) error {
	e, err := h.webhookOf(r)
	if err != nil {
		return err
	}
	if e.Hook == nil {
		return refuse(http.StatusConflict, "the webhook cannot be used: "+e.Fault)
	}
	if e.Hook.Pull {
		return refuse(http.StatusConflict, "the webhook fetches its events: there is nothing to be called")
	}
	a, err := h.config.Test(r.Context(), *e)
	if err != nil {
		return fmt.Errorf("testing a webhook: %w", err)
	}
	result := h.result(r, e, &a, "Test webhook delivered successfully", "Test webhook delivery failed")
	return answer(w, http.StatusOK, result)
}

// result tells of a call that was just made.
func (h *Handler) result(r *http.Request, e *catalogue.Entry, a *delivery.Attempt, success, failure string) *callResult {
	if a.Lane == "" {
		a.Lane = lane(e)
	}
	result := &callResult{Success: a.Success, Message: success, Attempt: h.rows(r.Context(), []delivery.Attempt{*a})[0]}
	if a.Success {
		return result
	}
	result.Message = failure
	switch {
	case result.Attempt.ErrorMessage != nil: // with what the receiver said, for those who may read it
		result.Message = *result.Attempt.ErrorMessage
	case a.Status != 0:
		result.Message = failure + ": the receiver answered " + strconv.Itoa(a.Status)
	}
	if a.Status != 0 {
		result.ErrorDetails = &callError{StatusCode: a.Status, ResponseBody: result.Attempt.ResponseBody}
	}
	return result
}
