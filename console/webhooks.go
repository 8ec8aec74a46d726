package console

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"
)

// webhook is what a table shows of one.
type webhook struct {
	ID              json.Number `json:"id"`
	UUID            string      `json:"uuid"`
	Name            string      `json:"name"`
	URL             string      `json:"url"`
	Enabled         bool        `json:"enabled"`
	ReadOnly        bool        `json:"readOnly"`
	State           string      `json:"state"`
	Fault           string      `json:"fault"`
	LastTriggeredAt *string     `json:"lastTriggeredAt"`
	Total           int64       `json:"totalDeliveries"`
	Successful      int64       `json:"successfulDeliveries"`
	Pending         int64       `json:"pending"`
	DeadLetters     int64       `json:"deadLetters"`
}

func webhooksCommand() *cobra.Command {
	create := command("create --file <file>", "Creates a webhook from a JSON document", 0, createWebhook)
	update := command("update <webhook> --file <file>", "Changes the members of a webhook that the document has", 1, updateWebhook)
	for _, cmd := range []*cobra.Command{create, update} {
		cmd.Flags().StringP("file", "f", "", "the document; - reads it from the standard input")
	}
	return group("webhooks", "Lists and changes the webhooks of a running gateway",
		command("list", "Lists the webhooks", 0, listWebhooks),
		command("get <webhook>", "Shows a webhook, by its number, uuid or name", 1, getWebhook),
		create, update,
		command("delete <webhook>", "Deletes a webhook", 1, deleteWebhook),
		command("test <webhook>", "Sends a test to a webhook and shows what it answers", 1, testWebhook),
	)
}

func listWebhooks(s *session) error {
	all, err := s.webhooks()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	list := make([]webhook, len(all.Results))
	for i, one := range all.Results {
		if err := decode(one, &list[i]); err != nil {
			return err
		}
	}
	return s.show(raw, func() {
		t := newTable(s.out, "ID", "NAME", "STATE", "PENDING", "DEAD", "SUCCESS", "LAST TRIGGERED", "URL")
		for _, w := range list {
			t.row(w.ID, w.Name, w.state(), w.Pending, w.DeadLetters, rate(w.Successful, w.Total), when(w.LastTriggeredAt), w.URL)
		}
		t.end()
	})
}

func (w *webhook) state() string {
	if !w.Enabled {
		return "disabled"
	}
	return w.State
}

// rate is how many of a hundred went well.
func rate(successful, total int64) string {
	if total == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(successful)/float64(total))
}

func getWebhook(s *session) error {
	path, err := s.path(s.arguments[0])
	if err != nil {
		return err
	}
	raw, err := s.get(s.ctx, path, nil, nil)
	if err != nil {
		return err
	}
	return printJSON(s.out, raw)
}

func createWebhook(s *session) error {
	document, err := s.document()
	if err != nil {
		return err
	}
	return s.changed(http.MethodPost, "webhooks", document, "created")
}

func updateWebhook(s *session) error {
	document, err := s.document()
	if err != nil {
		return err
	}
	path, err := s.path(s.arguments[0])
	if err != nil {
		return err
	}
	return s.changed(http.MethodPatch, path, document, "updated")
}

// changed makes a change and says what came of it.
func (s *session) changed(method, path string, document any, what string) error {
	raw, err := s.call(s.ctx, method, path, nil, document)
	if err != nil {
		return err
	}
	var w webhook
	if err := decode(raw, &w); err != nil {
		return err
	}
	return s.show(raw, func() { s.say("%s %s: webhook %s", what, w.Name, w.ID.String()) })
}

// document reads the JSON document that --file names.
func (s *session) document() (json.RawMessage, error) {
	return readDocument(s.text("file"), s.cmd.InOrStdin())
}

func readDocument(file string, standard io.Reader) (json.RawMessage, error) {
	var (
		content []byte
		err     error
	)
	switch file {
	case "":
		return nil, usage("give the document with --file; - is the standard input")
	case "-":
		content, err = io.ReadAll(io.LimitReader(standard, maxAnswer))
	default:
		content, err = os.ReadFile(file) //nolint:gosec // it is the user's own
	}
	if err != nil {
		return nil, usage("the document cannot be read: %v", err)
	}
	if !json.Valid(content) {
		return nil, usage("the document is not JSON")
	}
	return content, nil
}

func deleteWebhook(s *session) error {
	path, err := s.path(s.arguments[0])
	if err != nil {
		return err
	}
	if _, err := s.call(s.ctx, http.MethodDelete, path, nil, nil); err != nil {
		return err
	}
	if !s.json {
		s.say("deleted")
	}
	return nil
}

// outcome is what became of a test or a retry.
type outcome struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
	Details *struct {
		Status int    `json:"status_code"`
		Body   string `json:"response_body"`
	} `json:"error_details"`
}

func testWebhook(s *session) error {
	path, err := s.path(s.arguments[0])
	if err != nil {
		return err
	}
	return s.attempt(path + "/test")
}

// attempt has a call made to a receiver and says what came of it.
func (s *session) attempt(path string) error {
	raw, err := s.call(s.ctx, http.MethodPost, path, nil, struct{}{})
	if err != nil {
		return err
	}
	var o outcome
	if err := decode(raw, &o); err != nil {
		return err
	}
	if s.json {
		err = printJSON(s.out, raw)
	} else {
		s.say("%s", o.Message)
	}
	if err != nil || o.Success {
		return err
	}
	return o.failure()
}

func (o *outcome) failure() error {
	if o.Details == nil {
		return fmt.Errorf("the receiver did not take it: %s", printable(o.Message))
	}
	return fmt.Errorf("the receiver did not take it: it answered %d %s", o.Details.Status, printable(o.Details.Body))
}
