package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/table"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

// backlogPromise is what a large backlog may take in memory, in bytes.
const backlogPromise = 300_000_000

// backlog is so many due messages in so many lanes of the embedded store, that
// are leased and finished. Small ones are filled and emptied Times times.
type backlog struct {
	Messages, Lanes, Times int

	Kept, Finished time.Duration // of all messages
	CPU            time.Duration // of all of it, from the opening of the store to its close
	Memory         int64         // at most, without pages of files that the kernel can drop
}

func backlogs() []backlog {
	return []backlog{
		{Messages: 1000, Lanes: 1000, Times: 300},
		{Messages: 10_000, Lanes: 1000, Times: 30},
		{Messages: 100_000, Lanes: 1000, Times: 3},
		{Messages: 1_000_000, Lanes: 1000, Times: 1},
	}
}

// measureBacklogs weighs each backlog in a process of its own.
func measureBacklogs(ctx context.Context, s *stage, all []backlog) ([]backlog, error) {
	for i := range all {
		dir := filepath.Join(s.dir, "backlog"+strconv.Itoa(i))
		raw, err := json.Marshal(all[i])
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, s.self, "-role", "backlog", "-target", dir, "-path", string(raw))
		cmd.Stderr = os.Stderr
		answer, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("a backlog of %d messages: %w", all[i].Messages, err)
		}
		if err := json.Unmarshal(answer, &all[i]); err != nil {
			return nil, err
		}
		_ = os.RemoveAll(dir)
	}
	return all, nil
}

// playBacklog is the process of one backlog.
func playBacklog(ctx context.Context, dir, description string, out io.Writer) error {
	var b backlog
	if err := json.Unmarshal([]byte(description), &b); err != nil {
		return err
	}
	before, err := cpuTime(os.Getpid())
	if err != nil {
		return err
	}
	store, err := local.Open(dir, local.Options{})
	if err != nil {
		return err
	}
	watched, stop := context.WithCancel(ctx)
	peak := make(chan int64)
	go func() { peak <- watchMemory(watched) }()
	for i := range b.Times {
		if err = b.once(ctx, store, i*b.Messages); err != nil {
			break
		}
	}
	stop()
	b.Memory = <-peak
	if closed := store.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	after, err := cpuTime(os.Getpid())
	if err != nil {
		return err
	}
	b.CPU = after - before
	return json.NewEncoder(out).Encode(b)
}

// once fills the backlog with messages from number first on, and empties it.
func (b *backlog) once(ctx context.Context, store delivery.Store, first int) error {
	start := time.Now()
	if err := b.fill(ctx, store, first); err != nil {
		return err
	}
	kept := time.Now()
	n, err := finishAll(ctx, store, keptLaneNames(b.Lanes), 8)
	if err == nil && n != b.Messages {
		err = fmt.Errorf("%w: %d of %d", errUndelivered, n, b.Messages)
	}
	b.Kept += kept.Sub(start)
	b.Finished += time.Since(kept)
	return err
}

func (b *backlog) fill(ctx context.Context, store delivery.Store, first int) error {
	batch := make([]delivery.Message, 0, 64)
	for i := range b.Messages {
		m := keptMessage(first+i, 1)
		m.Targets[0].Lane = keptLane(i % b.Lanes)
		if batch = append(batch, m); len(batch) < cap(batch) && i < b.Messages-1 {
			continue
		}
		if err := store.Append(ctx, batch...); err != nil {
			return err
		}
		batch = batch[:0]
	}
	return nil
}

// watchMemory gives the most memory of this process until ctx ends: that which is
// no file's. It needs Linux's /proc.
func watchMemory(ctx context.Context) (most int64) {
	for {
		raw, err := os.ReadFile("/proc/self/status")
		if err == nil {
			most = max(most, anonymous(raw))
		}
		select {
		case <-ctx.Done():
			return most
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// anonymous reads RssAnon, see proc_pid_status(5), in bytes; 0 if it is not there.
func anonymous(status []byte) int64 {
	_, rest, _ := bytes.Cut(status, []byte("RssAnon:"))
	line, _, _ := strings.Cut(string(rest), "\n")
	kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}

func (b *backlog) perMessage(d time.Duration) float64 {
	return float64(d.Nanoseconds()) / 1000 / float64(b.Messages*b.Times)
}

func reportBacklogs(out io.Writer, all []backlog) {
	fmt.Fprintf(out, "\nDue messages of %d bytes in the embedded store, leased and finished by 8 workers, 64 at most at a time.\n\n", keptSize)
	var doc table.Table
	doc.Add("messages", "lanes", "appended, us each", "leased and finished, us each", "CPU us each, all of it", "memory MB", "wanted")
	for _, b := range all {
		doc.Add(strconv.Itoa(b.Messages), strconv.Itoa(b.Lanes), number(b.perMessage(b.Kept), 1), number(b.perMessage(b.Finished), 1), number(b.perMessage(b.CPU), 1),
			strconv.FormatInt(b.Memory/1_000_000, 10), fmt.Sprintf("< %d MB, %s", backlogPromise/1_000_000, verdict(b.Memory < backlogPromise)))
	}
	doc.Print(out)
}
