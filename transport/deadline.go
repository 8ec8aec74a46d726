package transport

import (
	"context"
	"io"
	"time"
)

// cancel runs when the context ends.
func (ex *exchange) cancel() {
	ex.mu.Lock()
	ex.canceled = true
	if ex.conn != nil && !ex.ended {
		ex.conn.interrupt()
	}
	body := ex.reading
	ex.mu.Unlock()
	if body != nil {
		_ = body.Close()
	}
}

// watch has the end of the context close a request body that is being read.
func (ex *exchange) watch(body io.Closer) error {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	if ex.canceled {
		return newContextError(ex.ctx)
	}
	ex.reading = body

	return nil
}

func (ex *exchange) unwatch() {
	ex.mu.Lock()
	ex.reading = nil
	ex.mu.Unlock()
}

// attach makes the connection the one that the end of the context interrupts.
func (ex *exchange) attach(c *conn) error {
	until := ex.deadline
	if d := ex.t.opt.HeaderTimeout; d > 0 {
		if head := time.Now().Add(d); until.IsZero() || head.Before(until) {
			until = head
		}
	}
	ex.mu.Lock()
	defer ex.mu.Unlock()
	ex.conn = c
	if ex.canceled {
		return newContextError(ex.ctx)
	}
	c.setDeadline(until)

	return nil
}

// detach lets go of a connection that was closed.
func (ex *exchange) detach() {
	ex.mu.Lock()
	ex.conn = nil
	ex.mu.Unlock()
}

// extend makes the context's deadline that of all further reads and writes,
// unless the context has ended.
func (ex *exchange) extend(headCame bool) {
	ex.mu.Lock()
	defer ex.mu.Unlock()
	ex.headCame = headCame
	if !ex.canceled && !ex.ended {
		ex.conn.setDeadline(ex.deadline)
	}
}

// awaitHead starts the time for the answer's head.
func (ex *exchange) awaitHead() {
	if ex.t.opt.HeaderTimeout == 0 {
		return
	}
	until := time.Now().Add(ex.t.opt.HeaderTimeout)
	ex.mu.Lock()
	defer ex.mu.Unlock()
	if ex.canceled || ex.ended || ex.headCame || !ex.deadline.IsZero() && ex.deadline.Before(until) {
		return
	}
	ex.conn.setReadDeadline(until)
}

// expired returns the context's error if it is the reason of err. The
// connection's deadline is the context's, and may pass a moment earlier.
func (ex *exchange) expired(err error) error {
	if ex.ctx.Err() == nil && isTimeout(err) && !ex.deadline.IsZero() && !time.Now().Before(ex.deadline) {
		if ex.bound.passed() {
			return ex.bound.err()
		}
		timer := time.NewTimer(time.Second)
		defer timer.Stop()
		select {
		case <-ex.ctx.Done():
		case <-timer.C:
			return &contextError{err: context.DeadlineExceeded, cause: context.DeadlineExceeded}
		}
	}
	if ex.ctx.Err() != nil {
		return newContextError(ex.ctx)
	}

	return nil
}
