package asynq

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/push"
	"github.com/voorpoort/voorpoort/delivery/redis"
	"github.com/voorpoort/voorpoort/webhook"
)

const callers = 64

// queue takes events and delivers them.
type queue struct {
	hand      func(ctx context.Context, n int) error
	delivered *atomic.Int64
}

func newVoorpoort(t testing.TB, address, url string) queue {
	t.Helper()
	store, err := redis.Open(t.Context(), redis.Config{URL: "redis://" + address + "/0"}, redis.Options{})
	require.NoError(t, err)
	hook, err := webhook.Compile(webhook.Webhook{Name: "receiver", URL: webhook.NewAddress(url)}, webhook.Defaults{})
	require.NoError(t, err)
	sender, err := push.New(hook, push.Options{})
	require.NoError(t, err)
	var done atomic.Int64
	engine := delivery.New(store, delivery.Options{})
	engine.Attach([]delivery.Lane{{ID: "receiver", Sender: counted{sender, &done}, Timeout: hook.Timeout, MaxConcurrent: callers}})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = engine.Stop(ctx)
		_ = store.Close()
	})
	return queue{delivered: &done, hand: func(ctx context.Context, n int) error {
		return store.Append(ctx, delivery.Message{
			ID: name(n), Source: "/bench", Type: "object.created", Time: time.Now().UTC(),
			Event: envelope(n), Targets: []delivery.Target{{Lane: "receiver"}},
		})
	}}
}

// counted counts what its sender delivers.
type counted struct {
	delivery.BoundedSender
	done *atomic.Int64
}

func (c counted) Send(ctx context.Context, leases []delivery.Lease) delivery.Result {
	result := c.BoundedSender.Send(ctx, leases)
	if result.Reason == "" {
		c.done.Add(int64(len(leases)))
	}
	return result
}

// newAsynq has asynq's own defaults, but for as many workers as there are calls
// at a time. It keeps no log of attempts, and does not know an event again.
func newAsynq(t testing.TB, address, url string) queue {
	t.Helper()
	opt := asynq.RedisClientOpt{Addr: address, DB: 1, PoolSize: callers + callers}
	client := asynq.NewClient(opt)
	server := asynq.NewServer(opt, asynq.Config{Concurrency: callers, LogLevel: asynq.FatalLevel})
	caller := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * callers}, Timeout: 30 * time.Second}
	var done atomic.Int64
	require.NoError(t, server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(task.Payload()))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/cloudevents+json")
		resp, err := caller.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusNoContent {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		done.Add(1)
		return nil
	})))
	t.Cleanup(func() {
		server.Shutdown()
		_ = client.Close()
	})
	return queue{delivered: &done, hand: func(ctx context.Context, n int) error {
		_, err := client.EnqueueContext(ctx, asynq.NewTask("deliver", envelope(n)))
		return err
	}}
}

func name(n int) string { return fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", n) }

var document = `{"name":"Minoes","notes":"` + strings.Repeat("x", 2048-len(`{"name":"Minoes","notes":""}`)) + `"}`

func envelope(n int) []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","id":"%s","source":"/bench","type":"object.created","data":%s}`, name(n), document)
}
