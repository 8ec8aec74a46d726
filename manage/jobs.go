package manage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Bounds of jobs: each keeps the positions of what it replays in memory, and
// all of them share the store with the deliveries.
const (
	maxRunningJobs = 4
	keptJobs       = 100 // that have ended
	maxJobRate     = 1000
	minJobRate     = 0.01
	defaultJobRate = 50
	maxJobItems    = 1_000_000
	defaultJobSize = 10_000
)

// JobState is where a job stands.
type JobState string

// The states of a job.
const (
	JobRunning   JobState = "running"
	JobDone      JobState = "done"
	JobFailed    JobState = "failed" // it ended early; what was done stays done
	JobCancelled JobState = "cancelled"
)

// Job is a long work that goes on when its request is over. It belongs to one
// gateway and is in memory only; it ends when the configuration is loaded again.
type Job struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	State     JobState   `json:"state"`
	Webhook   *string    `json:"webhook"` // uuid or lane; null for all
	Rate      float64    `json:"rate"`    // per second
	Total     int        `json:"total"`   // found so far, of which Done and Failed were tried
	Done      int        `json:"done"`
	Failed    int        `json:"failed"`
	Error     *string    `json:"error"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
}

// jobs owns the goroutines of all jobs.
type jobs struct {
	report func(error)

	mu      sync.Mutex
	all     []*runningJob // oldest first
	running int
	group   sync.WaitGroup
	closed  bool
}

type runningJob struct {
	jobs   *jobs
	job    Job // under the lock of jobs
	cancel context.CancelFunc
}

var (
	errTooManyJobs = errors.New("manage: too many jobs are running")
	errClosed      = errors.New("manage: the gateway is stopping")
)

// start begins a job and gives it as it is at its beginning. work counts with
// found and tried.
func (j *jobs) start(job Job, work func(ctx context.Context, r *runningJob) error) (Job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return Job{}, errClosed
	case j.running >= maxRunningJobs:
		return Job{}, errTooManyJobs
	}
	job.ID, job.State, job.StartedAt = uuid.NewString(), JobRunning, asShown(time.Now())
	ctx, cancel := context.WithCancel(context.Background())
	r := &runningJob{jobs: j, job: job, cancel: cancel}
	j.all = append(j.all, r)
	if over := len(j.all) - keptJobs - maxRunningJobs; over > 0 {
		j.forget(over)
	}
	j.running++
	j.group.Go(func() {
		defer cancel()
		r.end(work(ctx, r))
	})
	return r.job, nil
}

// forget drops the oldest jobs that have ended.
func (j *jobs) forget(count int) {
	j.all = slices.DeleteFunc(j.all, func(r *runningJob) bool {
		drop := count > 0 && r.job.EndedAt != nil
		if drop {
			count--
		}
		return drop
	})
}

// end notes how a job came to its end.
func (r *runningJob) end(err error) {
	r.jobs.mu.Lock()
	defer r.jobs.mu.Unlock()
	r.job.EndedAt = moment(time.Now())
	r.jobs.running--
	switch {
	case err == nil:
		r.job.State = JobDone
	case errors.Is(err, context.Canceled):
		r.job.State = JobCancelled
	default:
		r.job.State = JobFailed
		text := "the store failed; what was done stays done"
		r.job.Error = &text
		r.jobs.report(err)
	}
}

// found counts what is to be done.
func (r *runningJob) found(count int) {
	r.jobs.mu.Lock()
	defer r.jobs.mu.Unlock()
	r.job.Total += count
}

// tried counts one thing.
func (r *runningJob) tried(err error) {
	r.jobs.mu.Lock()
	defer r.jobs.mu.Unlock()
	if err != nil {
		r.job.Failed++
		return
	}
	r.job.Done++
}

// list gives all jobs, newest first.
func (j *jobs) list() []Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := make([]Job, 0, len(j.all))
	for _, r := range slices.Backward(j.all) {
		list = append(list, r.job)
	}
	return list
}

// find gives a job; cancel asks it to end.
func (j *jobs) find(id string, cancel bool) (Job, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.all {
		if r.job.ID == id {
			if cancel {
				r.cancel()
			}
			return r.job, true
		}
	}
	return Job{}, false
}

// close ends all jobs and waits for them.
func (j *jobs) close() {
	j.mu.Lock()
	j.closed = true
	for _, r := range j.all {
		r.cancel()
	}
	j.mu.Unlock()
	j.group.Wait()
}

// listJobs is GET /jobs.
func (h *Handler) listJobs(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusOK, listing[Job]{h.jobs.list()})
}

// getJob is GET /jobs/{id}.
func (h *Handler) getJob(w http.ResponseWriter, r *http.Request) error {
	job, ok := h.jobs.find(r.PathValue("id"), false)
	if !ok {
		return missing("There is no such job in this gateway.", "Not Found")
	}
	return answer(w, http.StatusOK, job)
}

// cancelJob is DELETE /jobs/{id}: the job ends soon, and stays to be looked at.
func (h *Handler) cancelJob(w http.ResponseWriter, r *http.Request) error {
	job, ok := h.jobs.find(r.PathValue("id"), true)
	if !ok {
		return missing("There is no such job in this gateway.", "Not Found")
	}
	return answer(w, http.StatusAccepted, job)
}

// startJob answers with a job that has begun.
func (h *Handler) startJob(w http.ResponseWriter, job Job, work func(context.Context, *runningJob) error) error {
	job, err := h.jobs.start(job, work)
	switch {
	case errors.Is(err, errTooManyJobs):
		return tooMany("Four jobs are running already; wait for one, or cancel it.")
	case err != nil:
		return unavailable("The gateway is loading another configuration.")
	}
	return answer(w, http.StatusAccepted, job)
}

// pace lets something happen so many times a second: it waits until the next
// one may.
type pace struct {
	step time.Duration
	next time.Time
}

func newPace(rate float64) *pace { return &pace{step: time.Duration(float64(time.Second) / rate)} }

// wait returns at once for what is late by no more than a tenth of a second, so
// that a rate above the timer's grain is kept as well.
func (p *pace) wait(ctx context.Context) error {
	now := time.Now()
	if p.next.Before(now.Add(-100 * time.Millisecond)) {
		p.next = now
	}
	until := p.next.Sub(now)
	p.next = p.next.Add(p.step)
	if until <= 0 {
		return ctx.Err()
	}
	return sleepFor(ctx, until)
}
