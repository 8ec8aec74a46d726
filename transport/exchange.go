package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// exchange is one request and its answer. It is also the body of the answer.
type exchange struct {
	t        *Transport
	req      *http.Request
	ctx      context.Context //nolint:containedctx // lives exactly as long as the request
	key      key
	trace    *httptrace.ClientTrace
	deadline time.Time // of the context or the bound, or zero
	bound    bound     // set when its time is the deadline
	stop     func() bool
	writer   *writer // of a streamed body
	doubt    bool    // the connection must not be used again

	mu       sync.Mutex // guards the deadlines of the connection, and:
	conn     *conn
	canceled bool
	headCame bool
	ended    bool
	reading  io.Closer // the request body while it is read ahead

	answer answer
}

func newExchange(t *Transport, req *http.Request, b bound) *exchange {
	ctx := req.Context()
	ex := &exchange{t: t, req: req, ctx: ctx, trace: httptrace.ContextClientTrace(ctx)}
	ex.deadline, _ = ctx.Deadline()
	if !b.at.IsZero() && (ex.deadline.IsZero() || b.at.Before(ex.deadline)) {
		ex.deadline, ex.bound = b.at, b
	}
	if ctx.Done() != nil {
		ex.stop = context.AfterFunc(ctx, ex.cancel)
	}

	return ex
}

// run sends the request and reads the head of its answer.
func (ex *exchange) run() (*http.Response, error) {
	var err error
	if ex.key, err = ex.t.target(ex.req); err != nil {
		closeBody(ex.req)

		return nil, err
	}
	if !small(ex.req, ex.t.opt.ReadAhead) {
		return ex.runStreamed()
	}
	w := newWire()
	defer w.free()
	if err := ex.encode(w); err != nil {
		return nil, err
	}

	return ex.try(func() error { return ex.write(w.buf) }, replayAlways)
}

func (ex *exchange) closing() bool { return ex.t.opt.MaxIdlePerHost == 0 }

// encode puts the request into the buffer. While it reads a body that is not
// in memory, the end of the context closes the body.
func (ex *exchange) encode(w *wire) error {
	body := ex.req.Body
	if body != nil && body != http.NoBody {
		if _, ok := inMemory(body); !ok {
			body = &sentBody{ReadCloser: body}
			if err := ex.watch(body); err != nil {
				_ = body.Close()

				return err
			}
			defer ex.unwatch()
		}
	}
	err := w.encode(ex.req, body, ex.closing())
	if err != nil && ex.ctx.Err() != nil {
		return newContextError(ex.ctx)
	}

	return err
}

// try sends the request and, if it may, sends it again.
func (ex *exchange) try(send func() error, again func() bool) (*http.Response, error) {
	ex.traceGet()
	c, err := ex.acquire()
	if err != nil {
		return nil, err
	}
	resp, err := ex.on(c, send)
	if err == nil || !ex.repeatable(c, err) || !again() || !ex.repeatable(c, err) {
		return resp, err
	}
	c.close()
	ex.detach()
	c, err = ex.open(c.host)
	if err != nil {
		return nil, err
	}

	return ex.on(c, send)
}

// on does the exchange on a connection.
func (ex *exchange) on(c *conn, send func() error) (*http.Response, error) {
	if err := ex.attach(c); err != nil {
		return nil, err
	}
	ex.traceGot(c)
	c.sock.written.Store(0)
	c.head.start(ex.t.opt.MaxHeadBytes, c.br.Buffered(), c.br.Size())
	if !c.reused && c.probe.readable() {
		ex.doubt = true // it talks before it was asked
	}
	sent := send()
	resp, err := ex.readAnswer(c)
	if err != nil {
		return nil, ex.failure(sent, err)
	}
	if sent != nil {
		ex.doubt = true // an answer to a request that did not arrive whole
	}
	c.head.stop()

	return ex.answered(c, resp)
}

// write sends a request that is in memory as a whole.
func (ex *exchange) write(p []byte) error {
	_, err := ex.conn.Write(p)
	ex.traceWrote(err)

	return err
}

// readAnswer reads heads up to the final one.
func (ex *exchange) readAnswer(c *conn) (*http.Response, error) {
	for n := 0; ; n++ {
		resp, doubt, err := c.readHead(ex.req)
		if err != nil && n > 0 {
			return nil, headError(err) // an answer had begun
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			ex.traceFirstByte()
		}
		ex.doubt = ex.doubt || doubt
		switch {
		case resp.StatusCode == http.StatusSwitchingProtocols:
			return nil, &ProtocolError{Reason: "switches protocols unasked"}
		case resp.StatusCode >= 200:
			return resp, nil
		case n == MaxInformational:
			return nil, &ProtocolError{Reason: "too many informational answers"}
		}
		if err := ex.traceInformational(resp); err != nil {
			return nil, err
		}
	}
}

// failure says why there is no answer. sent is the error of writing.
func (ex *exchange) failure(sent, err error) error {
	if err := ex.expired(err); err != nil {
		return err
	}
	if ex.writer != nil {
		if err := ex.writer.requestError(); err != nil {
			return err
		}
	}
	if isTimeout(err) {
		return &TimeoutError{After: ex.t.opt.HeaderTimeout}
	}
	var protocol *ProtocolError
	switch {
	case errors.Is(err, ErrHeadTooLarge), errors.As(err, &protocol):
		return err
	case sent != nil:
		return &LostError{Stage: StageWrite, Err: sent}
	case isLost(err):
		return &LostError{Stage: StageHead, Err: err}
	}

	return err
}

// end finishes the exchange once. A clean one gives its connection back.
func (ex *exchange) end(clean bool) {
	ex.mu.Lock()
	if ex.ended {
		ex.mu.Unlock()

		return
	}
	ex.ended = true
	c := ex.conn
	ex.mu.Unlock()
	if ex.stop != nil && !ex.stop() {
		clean = false // the context ended: its deadline may come at any time
	}
	if ex.writer != nil && !ex.writer.finish(c) {
		clean = false
	}
	if c == nil {
		return
	}
	if clean && !ex.doubt && c.silent() {
		ex.t.pool.put(c)
	} else {
		ex.t.pool.drop(c)
	}
}
