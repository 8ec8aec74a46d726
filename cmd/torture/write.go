package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
)

// collection is where the objects of a run live in the register.
const collection = "/api/objects/torture/thing"

// number tells one write of a run from all others. The client chooses it and
// never uses it twice.
type number uint64

// action is what a write does: the last part of its event's type.
type action string

// The actions.
const (
	create action = "created"
	update action = "updated"
	remove action = "deleted"
)

// write is one change that a client asks for.
type write struct {
	Number number
	Action action
	ID     string // of the object; the register gives it to a new one
}

// body is what the client sends; nil for a removal.
func (w write) body() []byte {
	if w.Action == remove {
		return nil
	}
	raw, _ := json.Marshal(content{Number: w.Number, Text: text(w.Number)}) // numbers and letters
	return raw
}

// request is the write as HTTP. The number stands in the query as well, because
// a removal has no body.
func (w write) request(ctx context.Context, base string) (*http.Request, error) {
	method, path := http.MethodPost, collection
	switch w.Action {
	case update:
		method, path = http.MethodPut, collection+"/"+w.ID
	case remove:
		method, path = http.MethodDelete, collection+"/"+w.ID
	case create:
	}
	target := base + path + "?number=" + strconv.FormatUint(uint64(w.Number), 10)
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(string(w.body())))
	if err != nil {
		return nil, fmt.Errorf("writing %d: %w", w.Number, err)
	}
	if w.Action == remove {
		req.Body, req.ContentLength = http.NoBody, 0
		return req, nil
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// content is the part of an object that the client wrote.
type content struct {
	Number number `json:"number"`
	Text   string `json:"text"`
}

// whole tells whether the text is the one that belongs to the number.
func (c content) whole() bool { return c.Text == text(c.Number) }

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789 "

// text is as good as random, of 40 to 539 characters, and always the same for a
// number: who gets it can tell whether it came whole.
func text(n number) string {
	source := rand.New(rand.NewPCG(uint64(n), 0x746f7274))
	raw := make([]byte, 40+source.IntN(500))
	for i := range raw {
		raw[i] = alphabet[source.IntN(len(alphabet))]
	}
	return string(raw)
}
