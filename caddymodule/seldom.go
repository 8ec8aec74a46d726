package caddymodule

import (
	"sync"
	"time"
)

// reportEvery is how often the arrears tell that something is not settled: an
// outage would fill the log otherwise.
const reportEvery = 10 * time.Second

// seldom passes on what comes first in each while.
func seldom(report func(error)) func(error) {
	var mu sync.Mutex
	var last time.Time
	return func(err error) {
		mu.Lock()
		now := time.Now()
		tell := now.Sub(last) >= reportEvery
		if tell {
			last = now
		}
		mu.Unlock()
		if tell {
			report(err)
		}
	}
}
