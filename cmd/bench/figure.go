package main

import (
	"fmt"
	"math"
)

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
