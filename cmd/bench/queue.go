package main

import (
	"context"
	"os"
)

// queueParts measures what lies behind the gate: the stores and the engine, in
// this process, without a gateway in front.
func queueParts(ctx context.Context, s *stage, set settings) error {
	all, err := measureEndToEnd(ctx, s, set)
	if err != nil {
		return err
	}
	reportEndToEnd(os.Stdout, all, set)
	wide, err := measureFanOut(ctx, s, fanLanes)
	if err != nil {
		return err
	}
	reportFanOut(os.Stdout, wide)
	late, err := measureLateness(ctx, s.dir, idleWebhooks, dueMessages)
	if err != nil {
		return err
	}
	idle, err := measureIdle(ctx, s, 0, idleWebhooks)
	if err != nil {
		return err
	}
	reportIdle(os.Stdout, idle, late)
	return nil
}

// storeParts measures the stores alone.
func storeParts(ctx context.Context, s *stage, set settings) error {
	all, err := measureKeeping(ctx, s, set)
	if err != nil {
		return err
	}
	reportKeeping(os.Stdout, all, set)
	weighed, err := measureBacklogs(ctx, s, backlogs())
	if err != nil {
		return err
	}
	reportBacklogs(os.Stdout, weighed)
	return nil
}

// cockpitParts measures the management API through a gateway.
func cockpitParts(ctx context.Context, s *stage) error {
	size := cockpit{Webhooks: cockpitWebhooks, Messages: cockpitMessages, Rows: cockpitRows}
	all, err := measureCockpit(ctx, s, size)
	if err != nil {
		return err
	}
	reportCockpit(os.Stdout, all, size)
	return nil
}
