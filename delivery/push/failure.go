package push

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/transport"
)

// failure is why there is no answer.
type failure struct {
	reason delivery.Reason
	detail string
	after  time.Duration // what a token endpoint asked for
}

func (f *failure) Error() string { return string(f.reason) + ": " + f.detail }

// classify says what an error of a round trip means. Errors of net/http quote
// URLs and answers, so only texts that are known not to are used.
func classify(ctx context.Context, err error, timeout time.Duration) *failure {
	switch {
	case errors.Is(err, transport.ErrGuarded):
		return &failure{reason: delivery.ReasonGuarded, detail: guardText(err)}
	case errors.Is(ctx.Err(), context.Canceled):
		return &failure{reason: delivery.ReasonBroken, detail: "the call was given up before there was an answer"}
	case ctx.Err() != nil:
		return unanswered(timeout)
	case isTLS(err):
		return &failure{reason: delivery.ReasonTLS, detail: tlsText(err)}
	case isTimeout(err):
		return &failure{reason: delivery.ReasonTimeout, detail: "no connection in time"}
	case isUnreachable(err):
		return &failure{reason: delivery.ReasonRefused, detail: unreachableText(err)}
	}
	return &failure{reason: delivery.ReasonBroken, detail: brokenText(err)}
}

func unanswered(timeout time.Duration) *failure {
	return &failure{reason: delivery.ReasonTimeout, detail: "no answer within " + timeout.String()}
}

func guardText(err error) string {
	if egress, ok := errors.AsType[*transport.EgressError](err); ok {
		return egress.Error() + " is not allowed"
	}
	return "the address is not allowed"
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// isTLS tells whether there is no trusted connection. A refusal of our own
// certificate comes as an alert after the handshake (RFC 8446 section 4.4.2.4).
func isTLS(err error) bool {
	if dial, ok := errors.AsType[*transport.DialError](err); ok {
		return dial.Op == transport.DialTLS && !isTimeout(err)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && (operation.Op == "remote error" || operation.Op == "local error")
}

func tlsText(err error) string {
	if verification, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return delivery.Line(verification.Err.Error())
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "remote error" {
		return delivery.Line("the receiver refused the handshake: " + operation.Err.Error())
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the receiver does not speak TLS"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is for another host"
	}
	return "the handshake failed"
}

func isUnreachable(err error) bool {
	if _, ok := errors.AsType[*transport.DialError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && (operation.Op == "dial" || operation.Op == "proxyconnect")
}

func unreachableText(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return delivery.Line("the name cannot be resolved: " + dns.Err)
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number.Error()
	}
	return "no connection"
}

func brokenText(err error) string {
	if _, ok := errors.AsType[*transport.ProtocolError](err); ok || errors.Is(err, transport.ErrHeadTooLarge) {
		return "the answer is not acceptable HTTP"
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return "the connection broke off: " + number.Error()
	}
	return "the connection broke off or the answer is not acceptable HTTP"
}
