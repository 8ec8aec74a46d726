package main

import (
	"bytes"
	"fmt"
	"strings"
)

// requestSize and answerSize are the sizes of a client's body and of the
// register's answer, in bytes.
const (
	requestSize = 2 << 10
	answerSize  = 1 << 10
)

// patch is what the merging interceptor answers: four leaves, two of them in
// objects that the request has, one that it has already with another value.
const patch = `{"data":{"status":"checked","@self":{"validated":true,"score":0.93},"address":{"city":"Utrecht"}}}`

// document makes a JSON object of exactly size bytes that looks like a register's.
func document(size int) []byte {
	head := `{"@self":{"name":"Minoes","version":"1.10"},"status":"new","address":{"street":"Emmalaan","number":12,"city":"utrecht"},"notes":[`
	tail := `{"at":"2026-11-22T10:30:00Z","text":"%s"}]}`
	note := `{"at":"2026-11-22T10:30:00Z","by":"kassa-3","text":"weighed and chipped","grams":4120,"ok":true},`

	room := size - len(head) - len(tail) + len("%s")
	notes := max(room/len(note), 0)
	rest := max(room-notes*len(note), 0)
	return fmt.Appendf(nil, head+strings.Repeat(note, notes)+tail, strings.Repeat("x", rest))
}

// wire makes one HTTP/1.1 POST request as bytes.
func wire(host, path string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: voorpoort-bench\r\n", path, host)
	fmt.Fprintf(&b, "Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	b.Write(body)
	return b.Bytes()
}
