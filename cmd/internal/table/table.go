// Package table prints figures as Markdown that can be read as it is.
package table

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table is text in columns: the first to the left, the others to the right. Its
// first row has the names of the columns.
type Table struct{ rows [][]string }

// Add adds a row. Cells that are missing at its end are empty.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// Len is how many rows there are, that of the names included.
func (t *Table) Len() int { return len(t.rows) }

// Print writes the table.
func (t *Table) Print(out io.Writer) {
	widths := t.widths()
	for i, row := range t.rows {
		printRow(out, row, widths)
		if i == 0 {
			printRule(out, widths)
		}
	}
}

func (t *Table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

func printRow(out io.Writer, row []string, widths []int) {
	for i, width := range widths {
		cell := ""
		if i < len(row) {
			cell = row[i]
		}
		gap := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
		if i == 0 {
			fmt.Fprintf(out, "| %s%s ", cell, gap)
		} else {
			fmt.Fprintf(out, "| %s%s ", gap, cell)
		}
	}
	fmt.Fprintln(out, "|")
}

func printRule(out io.Writer, widths []int) {
	for i, width := range widths {
		if i == 0 {
			fmt.Fprintf(out, "|%s", strings.Repeat("-", width+2))
		} else {
			fmt.Fprintf(out, "|%s:", strings.Repeat("-", width+1))
		}
	}
	fmt.Fprintln(out, "|")
}
