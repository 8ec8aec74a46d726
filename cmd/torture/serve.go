package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// serve answers on an address until ctx ends.
func serve(ctx context.Context, listen string, handler http.Handler) error {
	server := &http.Server{Addr: listen, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close() // the run is over
	}()
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return fmt.Errorf("serving on %s: %w", listen, err)
	}
	return nil
}

// steer sends an order to one of the processes of the run.
func steer(ctx context.Context, method, target string) error {
	req, err := http.NewRequestWithContext(ctx, method, target, http.NoBody)
	if err != nil {
		return fmt.Errorf("steering: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("steering: %w", err)
	}
	_ = resp.Body.Close() // there is nothing in it
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("steering: %s answers %d", req.URL.Path, resp.StatusCode)
	}
	return nil
}
