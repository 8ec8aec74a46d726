package request

import (
	"net/http"
	"strings"
)

// ReasonMethod is a 400: a method that a lenient register might read as another.
const ReasonMethod Reason = "method"

// OnlyReads tells whether a request can be no write for any register: a safe
// method (RFC 9110 section 9.2.1) without an override in its head. Such a
// request needs no further look. It costs no allocation.
func OnlyReads(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return !hasOverrideHeader(r.Header) && !hasOverrideParameter(r.URL.RawQuery)
	}
	return false
}

// CheckMethod refuses a method that is not written in capitals. Methods are
// case-sensitive (RFC 9110 section 9.1), so no rule names `post`; but several
// frameworks put a method into capitals before they route, and would see a
// write that no webhook has seen. CONNECT, for which there can be no rule, is
// refused as CheckStreaming does it: it asks for a tunnel to the register.
func CheckMethod(r *http.Request) *Problem {
	if r.Method == http.MethodConnect {
		return connectProblem()
	}
	if strings.ToUpper(r.Method) == r.Method {
		return nil
	}
	return &Problem{
		Status: http.StatusBadRequest,
		Reason: ReasonMethod,
		Title:  "Method refused",
		Detail: "Write the method of the request in capitals.",
	}
}
