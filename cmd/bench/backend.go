package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
)

// receivedHeader tells how long the body was that the upstream got, so that the
// bench can see whether a merge really happened.
const receivedHeader = "X-Received-Bytes"

var errRole = errors.New("unknown role")

// backend returns the handler of one of the helper programs that stand around
// the gateway. Each runs in a process of its own, on plain net/http.
func backend(role string) (http.Handler, error) {
	switch role {
	case "upstream":
		return upstream(), nil
	case "interceptor":
		return interceptor(), nil
	case "auth":
		return auth(), nil
	case "receiver":
		return newReceiver(), nil
	default:
		return nil, fmt.Errorf("%w: %q", errRole, role)
	}
}

// upstream is a register that stores nothing: 201 and 1 KiB of JSON.
func upstream() http.Handler {
	answer := document(answerSize)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set(receivedHeader, strconv.FormatInt(n, 10))
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(answer) // the client's loss
	})
}

// interceptor reads the event and, on /merge, answers the patch; on /validate it
// answers 204. GET /calls tells how often it was called.
func interceptor() http.Handler {
	var calls atomic.Int64
	answer := []byte(patch)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /merge", func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // a half event shows as an error at the gateway
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
	mux.HandleFunc("POST /validate", func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /calls", tell(&calls))
	return mux
}

// auth is what forward_auth asks: it sees no body and says yes.
func auth() http.Handler {
	var calls atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/auth", func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /calls", tell(&calls))
	return mux
}

func tell(calls *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, calls.Load())
	}
}
