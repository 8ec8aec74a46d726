package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// tailPause is how long tail waits before it connects again, after a reload say.
const tailPause = time.Second

// maxNews bounds one event of the stream, in bytes.
const maxNews = 4 << 20

func tailCommand() *cobra.Command {
	tail := command("tail", "Shows what happens, as it happens", 0, follow)
	tail.Flags().String("topics", "attempts,interceptions,lanes", "what: attempts, interceptions, lanes")
	tail.Flags().String("webhook", "", "only of one webhook, by number, uuid or name")
	tail.Flags().Bool("failed", false, "only what did not go well")
	return tail
}

// news is one event of the stream (server-sent events).
type news struct {
	id, kind string
	data     []byte
}

// follow shows the stream until it is interrupted. When it ends, as it does at a
// reload, it is taken up where it ended.
func follow(s *session) error {
	query := s.query(map[string]string{"topics": "topics", "webhook": "webhook"})
	last, seen := "", false
	for {
		request, err := s.request(s.ctx, http.MethodGet, "stream", query, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Accept", "text/event-stream")
		if last != "" {
			request.Header.Set("Last-Event-ID", last)
		}
		last, err = s.listen(request, last, &seen)
		if s.ctx.Err() != nil {
			return nil
		}
		var unreachable *UnreachableError
		if err != nil && (!seen || !errors.As(err, &unreachable)) {
			return err
		}
		select {
		case <-s.ctx.Done():
			return nil
		case <-time.After(tailPause):
		}
	}
}

// listen reads one stream to its end.
func (s *session) listen(request *http.Request, last string, seen *bool) (string, error) {
	response, err := s.http.Do(request)
	if err != nil {
		return last, &UnreachableError{s.base.String(), cause(err)}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return last, problem(response)
	}
	*seen = true
	failed, _ := s.cmd.Flags().GetBool("failed")
	err = readNews(response.Body, func(n news) {
		if n.id != "" {
			last = n.id
		}
		if len(n.data) == 0 {
			return
		}
		if line, ok := n.line(failed); ok && !s.json {
			s.say("%s", line)
		} else if ok {
			fmt.Fprintf(s.out, "%s\n", n.data)
		}
	})
	if errors.Is(err, context.Canceled) || err == nil {
		return last, nil
	}
	return last, &UnreachableError{s.base.String(), err}
}

// readNews reads events until the stream ends.
func readNews(stream io.Reader, each func(news)) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, maxNews)
	var n news
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if len(n.data) > 0 || n.id != "" { // without data it only tells where we are
				each(n)
			}
			n = news{}
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			n.id = value
		case "event":
			n.kind = value
		case "data":
			if len(n.data) > 0 {
				n.data = append(n.data, '\n')
			}
			n.data = append(n.data, value...)
		}
	}
	return lines.Err()
}

// line is what people are shown; ok is false for what they did not ask for.
func (n *news) line(failed bool) (text string, ok bool) {
	switch n.kind {
	case "attempt":
		var a attempt
		if json.Unmarshal(n.data, &a) != nil || failed && a.Success {
			return "", false
		}
		return fmt.Sprintf("%s  delivery      %s  %s  %s  attempt %d  %s  %.1f ms", when(a.Created), a.WebhookName, a.EventType, a.EventID, a.Attempt, a.outcome(), a.DurationMs), true
	case "interception":
		var i struct {
			At                                             *string
			WebhookName, EventType, EventID, Mode, Outcome string
			DurationMs                                     float64
		}
		if json.Unmarshal(n.data, &i) != nil || failed && (i.Outcome == "approved" || i.Outcome == "modified") {
			return "", false
		}
		return fmt.Sprintf("%s  interception  %s  %s  %s  %s  %s  %.1f ms", when(i.At), i.WebhookName, i.EventType, i.EventID, i.Mode, i.Outcome, i.DurationMs), true
	case "lane":
		var l struct {
			At                 *string
			WebhookName, State string
		}
		if json.Unmarshal(n.data, &l) != nil || failed && l.State == "open" {
			return "", false
		}
		return fmt.Sprintf("%s  webhook       %s  is %s", when(l.At), l.WebhookName, l.State), true
	}
	return "", false
}
