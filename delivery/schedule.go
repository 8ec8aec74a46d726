package delivery

import (
	"fmt"
	"time"
)

// Limits of a schedule.
const (
	MaxRetries     = 100                 // more would keep a delivery for longer than anyone looks
	DefaultRetries = -1                  // for ParseSchedule: as many as the policy has steps
	MaxRetryDelay  = 30 * 24 * time.Hour // 2^n minutes pass a month at n = 16
)

// Schedule says how often a failed delivery is attempted again, and when. It is
// made by [ParseSchedule]; the zero Schedule is exponential with 3 retries.
type Schedule struct {
	policy  *policy
	retries int
}

// policy is one way of waiting.
type policy struct {
	name  string
	steps int // retries when nothing else is asked for
	delay func(attempt int) time.Duration

	// early permits a wait to be up to 10 percent shorter as well as longer. The
	// policies whose times are documented to users are never early.
	early bool
}

var policies = []*policy{
	{name: "exponential", steps: 3, delay: exponential},
	{name: "linear", steps: 3, delay: linear},
	{name: "fixed", steps: 3, delay: fixed},
	{name: "standard-webhooks", steps: len(standardWebhooks), delay: standard, early: true},
	{name: "open-notificaties", steps: 7, delay: openNotificaties},
}

// exponential waits 2^n minutes: 2, 4, 8, 16 (the documentation of OpenRegister).
func exponential(attempt int) time.Duration {
	return time.Minute << min(attempt, 16)
}

// linear waits 5n minutes: 5, 10, 15 (the documentation of OpenRegister).
func linear(attempt int) time.Duration { return time.Duration(attempt) * 5 * time.Minute }

// fixed waits 5 minutes each time (the documentation of OpenRegister).
func fixed(int) time.Duration { return 5 * time.Minute }

// standardWebhooks is the example schedule of Standard Webhooks 1.0.0 without
// its first step, which is the first attempt. The last of the ten attempts
// starts after 75 hours and 35 minutes.
var standardWebhooks = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

func standard(attempt int) time.Duration {
	return standardWebhooks[min(attempt, len(standardWebhooks))-1]
}

// openNotificaties waits 25 * 4^n seconds, n from 0, at most 52,000: the default
// of Open Notificaties, about 24 hours in all.
func openNotificaties(attempt int) time.Duration {
	return min(25*time.Second<<(2*min(attempt-1, 10)), 52_000*time.Second)
}

// ParseSchedule reads a policy: "exponential" (also ""), "linear", "fixed",
// "standard-webhooks" or "open-notificaties". maxRetries counts the retries
// after the first attempt, so that 3 makes 4 attempts and 0 makes 1; it is at
// most [MaxRetries]. [DefaultRetries] stands for 3, 3, 3, 9 and 7. More retries
// than a policy has steps repeat the last step.
func ParseSchedule(policy string, maxRetries int) (Schedule, error) {
	if policy == "" {
		policy = policies[0].name
	}
	for _, p := range policies {
		if p.name != policy {
			continue
		}
		if maxRetries == DefaultRetries {
			maxRetries = p.steps
		}
		if maxRetries < 0 || maxRetries > MaxRetries {
			return Schedule{}, fmt.Errorf("delivery: %d retries; allowed is 0 to %d", maxRetries, MaxRetries)
		}
		return Schedule{p, maxRetries}, nil
	}
	return Schedule{}, fmt.Errorf("delivery: unknown retry policy %q", policy)
}

func (s Schedule) withDefault() Schedule {
	if s.policy == nil {
		return Schedule{policies[0], policies[0].steps}
	}
	return s
}

// Policy gives the name of the policy.
func (s Schedule) Policy() string { return s.withDefault().policy.name }

// Attempts is the number of attempts in all: the first and the retries.
func (s Schedule) Attempts() int { return s.withDefault().retries + 1 }

// Delay is the wait after a failed attempt, which is numbered from 1, before
// any jitter. It is at most [MaxRetryDelay], and defined also behind the last
// attempt.
func (s Schedule) Delay(attempt int) time.Duration {
	return min(s.withDefault().policy.delay(max(attempt, 1)), MaxRetryDelay)
}

// Wait is Delay with jitter, so that the deliveries of an outage do not all come
// back in one moment: up to 10 percent more or, for standard-webhooks only, less.
// random is at least 0 and less than 1.
func (s Schedule) Wait(attempt int, random float64) time.Duration {
	d := s.Delay(attempt)
	if s.withDefault().policy.early {
		random = 2*random - 1
	}
	return d + time.Duration(random*float64(d)/10)
}
