package console

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func sendTestCommand() *cobra.Command {
	cmd := command("send-test --type <type>", "Sends an event through the queue to all webhooks that want it", 0, sendTest)
	cmd.Flags().String("type", "", "the event's type, such as object.created")
	cmd.Flags().String("subject", "", "what it is about")
	cmd.Flags().String("source", "/voorpoort/console", "where it is from, a URI reference")
	cmd.Flags().StringP("file", "f", "", "a JSON document as its data; - is the standard input; without it, one that says that it is a test")
	return cmd
}

// sendTest makes a CloudEvent and has the gateway tell it.
func sendTest(s *session) error {
	if s.text("type") == "" {
		return usage("give the event's --type, such as object.created")
	}
	data := json.RawMessage(`{"test":true,"message":"This is a test from the command line"}`)
	if s.text("file") != "" {
		var err error
		if data, err = s.document(); err != nil {
			return err
		}
	}
	id := rand.Text()
	event := map[string]any{
		"specversion": "1.0", "id": id, "source": s.text("source"), "type": s.text("type"),
		"time": time.Now().UTC().Format(time.RFC3339), "datacontenttype": "application/json", "data": data,
	}
	if subject := s.text("subject"); subject != "" {
		event["subject"] = subject
	}
	raw, err := s.call(s.ctx, http.MethodPost, "events", nil, event)
	if err != nil {
		return err
	}
	return s.show(raw, func() { s.say("%s", fmt.Sprintf("told: voorpoort deliveries show %s says where it stands", id)) })
}
