package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// table is text in columns: the first to the left, the others to the right.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table as Markdown that is aligned enough to be read as it is.
func (t *table) print(out io.Writer) {
	widths := t.widths()
	for i, row := range t.rows {
		printRow(out, row, widths)
		if i == 0 {
			printRule(out, widths)
		}
	}
}

func (t *table) widths() []int {
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

// number writes a value with so many decimals, or a dash for none.
func number(value float64, decimals int) string {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return "-"
	}
	return fmt.Sprintf("%.*f", decimals, value)
}

// ranged writes "median (min-max)".
func (s spread) ranged(decimals int) string {
	if math.IsNaN(s.Median) {
		return "-"
	}
	return fmt.Sprintf("%s (%s-%s)", number(s.Median, decimals), number(s.Min, decimals), number(s.Max, decimals))
}
