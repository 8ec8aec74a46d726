package redis

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// ErrClosed says that the store is closed.
var ErrClosed = errors.New("redis: the store is closed")

// UnavailableError says that the server could not be reached, or refuses to work
// for now. The call may have had its effect, and can be repeated. Its text has
// no credentials.
type UnavailableError struct {
	Op   string // what was tried, such as "append"
	Code string // the server's word, such as LOADING or OOM; "" without an answer
	Err  error
}

func (e *UnavailableError) Error() string {
	return "redis: unavailable: " + e.Op + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// refusals are the words of a server that cannot work for now, and whether it is
// worth asking again soon: memory and disks do not come back in a second.
var refusals = map[string]bool{
	"LOADING":     true, // reads its data after a restart
	"READONLY":    true, // became a replica
	"MASTERDOWN":  true,
	"CLUSTERDOWN": true,
	"TRYAGAIN":    true, // the slot is moving
	"MOVED":       true,
	"ASK":         true,
	"BUSY":        true, // another script runs long
	"UNBLOCKED":   true,
	"NOREPLICAS":  false,
	"OOM":         false,
	"MISCONF":     false, // cannot write its files
	"NOAUTH":      false,
	"WRONGPASS":   false,
	"NOPERM":      false,
}

// refusal finds the word of a refusal in an error of the server. Redis 6.2 puts
// it inside the text of the script's error.
func refusal(err error) string {
	text := err.Error()
	word, _, _ := strings.Cut(text, " ")
	if _, known := refusals[word]; known {
		return word
	}
	for word := range refusals {
		if strings.Contains(text, ": -"+word+" ") {
			return word
		}
	}
	return ""
}

// failure is what an error of the client becomes for callers. again tells that
// another try may help.
func failure(op string, err error) (again bool, failed error) {
	var answer goredis.Error
	var short *shortError
	switch {
	case err == nil:
		return false, nil
	case errors.As(err, &short):
		return false, &UnavailableError{Op: op, Code: "WAIT", Err: err}
	case errors.As(err, &answer):
		if code := refusal(err); code != "" {
			return refusals[code], &UnavailableError{Op: op, Code: code, Err: err}
		}
		return false, &answerError{op: op, err: err}
	case errors.Is(err, goredis.ErrClosed):
		return false, ErrClosed
	case errors.Is(err, context.Canceled):
		return false, err
	}
	return broken(err), &UnavailableError{Op: op, Err: err}
}

// broken tells errors of a connection, after which another may work.
func broken(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) || errors.Is(err, goredis.ErrPoolTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		strings.Contains(err.Error(), "redis:") // Sentinel: no master yet; cluster: no nodes yet
}

// answerError is an error that the server gave and that is not for now: a
// defect, or keys that are not ours.
type answerError struct {
	op  string
	err error
}

func (e *answerError) Error() string { return "redis: " + e.op + ": " + e.err.Error() }
func (e *answerError) Unwrap() error { return e.err }
