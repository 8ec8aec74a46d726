package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
)

// tailViewers watch the live tail in the row that is compared with the same
// without them.
const tailViewers = 200

// tailPath is where gateways with viewers have their management API, and
// tailToken who may see it.
const tailPath = "/gateway/api/stream?topics=attempts"

const (
	tailToken     = "bench"
	tailTokenHash = "1b32c28cb38c05480eccc1bd60ff97029b57a05c96718b96dad7e9d84894f549"
)

var errUnwatched = errors.New("nothing was seen of the deliveries")

// watched is what the viewers saw.
type watched struct{ Viewers, Attempts int }

// watch has viewers follow the scenario's gateway, in a process of their own. It
// returns when all of them are connected; the function it gives ends them.
func (s *stage) watch(ctx context.Context, sc scenario, address string) (func() (watched, error), error) {
	if sc.Viewers == 0 {
		return func() (watched, error) { return watched{}, nil }, nil
	}
	cmd := exec.CommandContext(ctx, s.self, "-role", "viewers", "-target", address, "-connections", strconv.Itoa(sc.Viewers))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	if _, err := lines.ReadString('\n'); err != nil {
		return nil, fmt.Errorf("viewers: %w", err)
	}
	return func() (seen watched, err error) {
		_ = in.Close() // tells them to stop
		err = json.NewDecoder(lines).Decode(&seen)
		if ended := cmd.Wait(); err == nil {
			err = ended
		}
		if err == nil && seen.Attempts == 0 {
			err = fmt.Errorf("%w: %d viewers saw no attempt", errUnwatched, seen.Viewers)
		}
		return seen, err
	}, nil
}

// playViewers is the process of the viewers. It writes a line when all are
// connected, and what they saw when its input ends.
func playViewers(ctx context.Context, address string, count int, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: count}}
	var attempts atomic.Int64
	var group sync.WaitGroup
	for range count {
		body, err := openTail(ctx, client, address)
		if err != nil {
			return err
		}
		group.Go(func() {
			defer body.Close()
			attempts.Add(countAttempts(body))
		})
	}
	fmt.Fprintln(out, "watching")
	_, _ = io.Copy(io.Discard, in)
	stop()
	group.Wait()
	return json.NewEncoder(out).Encode(watched{Viewers: count, Attempts: int(attempts.Load())})
}

func openTail(ctx context.Context, client *http.Client, address string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+tailPath, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+tailToken)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: the stream answers %d", errStatus, resp.StatusCode)
	}
	return resp.Body, nil
}

// countAttempts reads a stream to its end. A word that is cut between two reads
// is not counted: what matters is whether there were any.
func countAttempts(body io.Reader) (count int64) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := body.Read(buffer)
		count += int64(bytes.Count(buffer[:n], []byte("event: attempt\n")))
		if err != nil {
			return count
		}
	}
}
