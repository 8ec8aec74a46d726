package console

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	cmd := command("check <path>", "Says which rule and webhooks a request would meet, and why not; nothing is sent", 1, check)
	cmd.Flags().StringP("method", "X", http.MethodPost, "the method")
	cmd.Flags().StringArrayP("header", "H", nil, "a header field, Name: value; may be given more than once")
	cmd.Flags().StringP("file", "f", "", "a JSON document as the body; - is the standard input")
	return cmd
}

func check(s *session) error {
	request := map[string]any{"method": s.text("method"), "path": s.arguments[0]}
	fields, _ := s.cmd.Flags().GetStringArray("header")
	header := map[string]string{}
	for _, field := range fields {
		name, value, ok := strings.Cut(field, ":")
		if !ok {
			return usage("a header field is written Name: value")
		}
		header[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	request["headers"] = header
	if s.text("file") != "" {
		body, err := s.document()
		if err != nil {
			return err
		}
		request["body"] = body
	}
	raw, err := s.call(s.ctx, http.MethodPost, "check", nil, request)
	if err != nil {
		return err
	}
	var report struct {
		Event    *struct{ Type, Subject string }
		Rule     json.RawMessage
		Webhooks []struct {
			Name    string
			Matches bool
			Why     []struct{ Pointer, Filter, Detail string }
		}
	}
	if err := decode(raw, &report); err != nil {
		return err
	}
	return s.show(raw, func() {
		if report.Event == nil {
			s.say("no rule makes an event of it: it goes to the register, and nobody is asked or told")
			return
		}
		s.say("event %s, subject %s, by rule %s\n", report.Event.Type, report.Event.Subject, strings.Trim(string(report.Rule), `"`))
		t := newTable(s.out, "WEBHOOK", "CALLED", "WHY NOT")
		for _, w := range report.Webhooks {
			var why []string
			for _, fault := range w.Why {
				why = append(why, strings.TrimSpace(fault.Pointer+fault.Filter+" "+fault.Detail))
			}
			t.row(w.Name, yes(w.Matches), strings.Join(why, "; "))
		}
		t.end()
	})
}
