package console

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// table prints rows in columns.
type table struct{ w *tabwriter.Writer }

func newTable(out io.Writer, columns ...string) *table {
	t := &table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(t.w, strings.Join(columns, "\t"))
	return t
}

// row prints one row. What others wrote cannot break the table or the terminal.
func (t *table) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = printable(fmt.Sprint(cell))
		if texts[i] == "" {
			texts[i] = "-"
		}
	}
	fmt.Fprintln(t.w, strings.Join(texts, "\t"))
}

func (t *table) end() { _ = t.w.Flush() }

// printable replaces control characters, with which a receiver's answer could
// move the cursor or change the colours.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '�'
		}
		return r
	}, text)
}

// printJSON prints a document, indented.
func printJSON(out io.Writer, raw json.RawMessage) error {
	if len(raw) == 0 {
		return nil
	}
	var value any
	if err := decode(raw, &value); err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// when is a time as people read it, in their own time zone; "-" for none.
func when(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return *text
	}
	return at.Local().Format(time.DateTime)
}

// yes prints a flag.
func yes(flag bool) string {
	if flag {
		return "yes"
	}
	return "no"
}
