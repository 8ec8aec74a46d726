package manage

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts durations in classes of about 12 percent: small enough to
// keep hundreds of them, fine enough for a percentile on a screen. What is
// below 64 microseconds counts in the first class, what is above 4 minutes in
// the last.
type histogram struct {
	counts [histogramClasses]uint32
	total  uint64
}

const (
	histogramOctaves = 22 // 64 microseconds to 268 seconds
	histogramSplit   = 8  // classes of an octave
	histogramClasses = histogramOctaves * histogramSplit
	histogramFirst   = 6 // the first octave begins at 2^6 microseconds
)

// add counts a duration.
func (h *histogram) add(d time.Duration) {
	h.counts[classOf(d)]++
	h.total++
}

// classOf gives the class of a duration.
func classOf(d time.Duration) int {
	micros := uint64(max(d.Microseconds(), 1<<histogramFirst))
	octave := bits.Len64(micros) - 1
	part := int(micros>>(octave-3)) & (histogramSplit - 1) // the three bits below the highest
	return min((octave-histogramFirst)*histogramSplit+part, histogramClasses-1)
}

// middle is the duration, in milliseconds, that stands for a class.
func middle(class int) float64 {
	octave, part := class/histogramSplit+histogramFirst, class%histogramSplit
	return math.Ldexp(1+(float64(part)+0.5)/histogramSplit, octave) / 1000
}

// percentile gives the duration in milliseconds that p percent do not exceed,
// to two digits or so; nil when nothing was counted.
func (h *histogram) percentile(p float64) *float64 {
	if h.total == 0 {
		return nil
	}
	rank := uint64(math.Ceil(float64(h.total) * p / 100))
	seen := uint64(0)
	for class, count := range h.counts {
		if seen += uint64(count); seen >= rank {
			ms := math.Round(middle(class)*100) / 100
			return &ms
		}
	}
	return nil
}
