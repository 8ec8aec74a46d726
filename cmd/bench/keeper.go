package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/redis"
)

// keptSize is the size of an event in bytes, and keptLanes to how many lanes each
// goes, where stores are compared.
const (
	keptSize  = 1536
	keptLanes = 4
)

// keeper keeps events. What the bare ones keep has no lanes, nobody looks whether
// it is there already, and it cannot be delivered.
type keeper interface {
	// keep returns when the event is as safe as this keeper makes it.
	keep(ctx context.Context, n int) error
	// close also removes what was kept.
	close()
}

// bareBolt puts each event under a number, with bbolt's own grouping.
type bareBolt struct {
	db  *bbolt.DB
	dir string
}

var keptBucket = []byte("events")

func newBareBolt(dir string) (keeper, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for bbolt: %w", err)
	}
	db, err := bbolt.Open(filepath.Join(dir, "bare.db"), 0o600, &bbolt.Options{
		NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, InitialMmapSize: 256 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("opening bbolt: %w", err)
	}
	db.MaxBatchSize = callers
	return &bareBolt{db: db, dir: dir}, db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(keptBucket)
		return err
	})
}

func (b *bareBolt) keep(_ context.Context, n int) error {
	event, key := keptMessage(n, 0).Event, binary.BigEndian.AppendUint64(nil, uint64(n))
	return b.db.Batch(func(tx *bbolt.Tx) error { return tx.Bucket(keptBucket).Put(key, event) })
}

func (b *bareBolt) close() {
	_ = b.db.Close()
	_ = os.RemoveAll(b.dir)
}

// bareStream adds each event to a stream.
type bareStream struct{ client *goredis.Client }

func newBareStream(address string) keeper {
	return &bareStream{goredis.NewClient(&goredis.Options{Addr: address, PoolSize: callers})}
}

func (b *bareStream) keep(ctx context.Context, n int) error {
	return b.client.XAdd(ctx, &goredis.XAddArgs{Stream: "bare", Values: []any{"e", keptMessage(n, 0).Event}}).Err()
}

func (b *bareStream) close() {
	_ = b.client.FlushAll(context.Background()).Err() // the server is the bench's own
	_ = b.client.Close()
}

// stored keeps events in a store, as the gateway does.
type stored struct {
	delivery.Store
	remove func()
}

func newStoredLocally(dir string) (keeper, error) {
	store, err := local.Open(dir, local.Options{})
	return &stored{store, func() { _ = os.RemoveAll(dir) }}, err
}

func newStoredInRedis(ctx context.Context, address string) (keeper, error) {
	store, err := redis.Open(ctx, redis.Config{URL: "redis://" + address + "/0", Prefix: "kept"}, redis.Options{})
	return &stored{store, func() { newBareStream(address).close() }}, err
}

func (s *stored) keep(ctx context.Context, n int) error {
	return s.Append(ctx, keptMessage(n, keptLanes))
}

func (s *stored) close() {
	_ = s.Close()
	s.remove()
}

// finishAll leases what is due and finishes it as delivered, 64 at a time by so
// many workers, until nothing is left. It gives how many deliveries that were.
func finishAll(ctx context.Context, s delivery.Store, lanes []string, workers int) (int, error) {
	var turn, empty, count atomic.Int64
	failures := make(chan error, workers)
	for range workers {
		go func() {
			for {
				lane := lanes[int(turn.Add(1))%len(lanes)]
				n, err := finishSome(ctx, s, lane)
				count.Add(int64(n))
				if n > 0 {
					empty.Store(0)
				} else if empty.Add(1) > int64(len(lanes)+workers) || err != nil {
					failures <- err
					return
				}
			}
		}()
	}
	var failed error
	for range workers {
		if err := <-failures; err != nil {
			failed = err
		}
	}
	return int(count.Load()), failed
}

func finishSome(ctx context.Context, s delivery.Store, lane string) (int, error) {
	leases, _, err := s.Lease(ctx, lane, 64, time.Now().Add(time.Minute))
	if err != nil {
		return 0, err
	}
	outcomes := make([]delivery.Outcome, len(leases))
	for i, l := range leases {
		outcomes[i] = delivery.Outcome{Lease: l, Verdict: delivery.Done, Attempt: &delivery.Attempt{
			Lane: l.Lane, Message: l.Message.ID, Seq: l.Message.Seq, Type: l.Message.Type, Time: time.Now(),
			Number: l.Attempt, URL: "https://receiver.example/hook", Method: "POST", Success: true, Status: 204,
		}}
	}
	return len(leases), s.Finish(ctx, outcomes...)
}

// keptMessage gives the n-th event. Its id ascends, as those of the gateway do.
func keptMessage(n, lanes int) delivery.Message {
	m := delivery.Message{
		ID: eventName(n), Source: "/bench", Type: "object.created", Time: time.Now(),
		Event: make([]byte, keptSize), Targets: make([]delivery.Target, lanes),
	}
	copy(m.Event, m.ID)
	for i := range m.Targets {
		m.Targets[i].Lane = keptLane(i)
	}
	return m
}

func keptLane(i int) string { return fmt.Sprint("lane", i) }

func keptLaneNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = keptLane(i)
	}
	return names
}
