package manage

import "time"

// The hour of counters: 360 buckets of 10 seconds.
const (
	seriesStep    = 10 * time.Second
	seriesBuckets = 360
	seriesWindow  = seriesStep * seriesBuckets
)

// Series are counters over time.
type Series struct {
	Step   int     `json:"step"` // seconds of a point
	Points []Point `json:"points"`
}

// Point is what happened in one step of a Series. What nothing is known about
// is null: percentiles without attempts, the queue before it was looked at.
type Point struct {
	At            time.Time `json:"at"` // its beginning
	Attempts      uint64    `json:"attempts"`
	Failed        uint64    `json:"failed"`
	P50           *float64  `json:"p50Ms"`
	P95           *float64  `json:"p95Ms"`
	P99           *float64  `json:"p99Ms"`
	Queued        *uint64   `json:"queued"` // deliveries that waited
	Interceptions uint64    `json:"interceptions"`
	Blocked       uint64    `json:"blocked"`
}

// series is a wheel of buckets.
type series struct{ buckets [seriesBuckets]bucket }

// bucket counts what happened in one step.
type bucket struct {
	step                   int64 // since 1970; a bucket of another step is stale
	attempts, failed       uint64
	interceptions, blocked uint64
	queued                 *uint64
	latency                histogram
}

// stepOf numbers the steps.
func stepOf(t time.Time) int64 { return t.Unix() / int64(seriesStep/time.Second) }

// at gives the bucket of a time, emptied if it is a stale one.
func (s *series) at(t time.Time) *bucket {
	step := stepOf(t)
	b := &s.buckets[step%seriesBuckets]
	if b.step != step {
		*b = bucket{step: step}
	}
	return b
}

// points gives a point for each step of the window that ends now, with nothing
// left out: a step in which nothing happened is a point of zeros.
func (s *series) points(now time.Time, window time.Duration) Series {
	steps := int64(min(max(window, seriesStep), seriesWindow) / seriesStep)
	last := stepOf(now)
	result := Series{Step: int(seriesStep / time.Second), Points: make([]Point, 0, steps)}
	for step := last - steps + 1; step <= last; step++ {
		b := &s.buckets[step%seriesBuckets]
		if b.step != step {
			b = &bucket{step: step}
		}
		result.Points = append(result.Points, b.point())
	}
	return result
}

func (b *bucket) point() Point {
	return Point{
		At:       time.Unix(b.step*int64(seriesStep/time.Second), 0).UTC(),
		Attempts: b.attempts, Failed: b.failed,
		P50: b.latency.percentile(50), P95: b.latency.percentile(95), P99: b.latency.percentile(99),
		Queued: b.queued, Interceptions: b.interceptions, Blocked: b.blocked,
	}
}
