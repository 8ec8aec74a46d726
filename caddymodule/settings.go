package caddymodule

import (
	"fmt"
	"time"

	"github.com/caddyserver/caddy/v2"
)

// maxBudget keeps a request that waits for webhooks below the minute after
// which servers and clients give up on it.
const maxBudget = 55 * time.Second

// checkRequestLimits checks what both the app and a handler can set.
func checkRequestLimits(budget caddy.Duration, maxBody, maxBuffered int64) error {
	switch {
	case budget <= 0 || time.Duration(budget) > maxBudget:
		return fmt.Errorf("budget %s is not between 1ns and %s", time.Duration(budget), maxBudget)
	case maxBody < 0:
		return fmt.Errorf("max_body %d is negative; give a number of bytes", maxBody)
	case maxBuffered > 0 && maxBuffered/copiesOfABody < maxBody:
		return fmt.Errorf("max_buffered %d is below %d times max_body %d: a request of that size could never be read",
			maxBuffered, copiesOfABody, maxBody)
	}
	return nil
}
