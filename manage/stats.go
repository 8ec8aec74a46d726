package manage

import "net/http"

// logStatistics count the calls of a webhook, exactly as OpenRegister documents
// it.
type logStatistics struct {
	Total          uint64 `json:"total"`
	Successful     uint64 `json:"successful"`
	Failed         uint64 `json:"failed"`
	PendingRetries uint64 `json:"pendingRetries"` // deliveries of this webhook that failed and will be tried again
}

func (h *Handler) getStatistics(w http.ResponseWriter, r *http.Request) error {
	e, err := h.webhookOf(r)
	if err != nil {
		return err
	}
	stats, err := h.config.Store.Stats(r.Context(), lane(e))
	if err != nil {
		return err //nolint:wrapcheck // told as it is
	}
	return answer(w, http.StatusOK, logStatistics{
		Total: stats.Total, Successful: stats.Successful, Failed: stats.Failed, PendingRetries: stats.Retrying,
	})
}
