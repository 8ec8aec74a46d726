package e2e_test

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/strictjson"
)

// pageWidth is how long a line of a transcript is at most, if it can be broken.
const pageWidth = 118

// typeset writes an answer as pages show it: a document that is too long for a
// line is broken into lines, and what the page left out before stays out.
func typeset(page, real string) string {
	said := replyOf(page)
	got := replyOf(real)
	if !strings.HasPrefix(got.body, "{") || strictjson.Check([]byte(got.body), strictjson.DefaultMaxDepth) != nil {
		return strings.TrimRight(strings.ReplaceAll(real, "\r\n", "\n"), "\n")
	}
	var body bytes.Buffer
	if head := got.shownHead(&said); len(head) > 0 {
		body.WriteString(strings.Join(head, "\n") + "\n\n")
	}
	layOut(&body, []byte(got.body), []byte(readable(said.body)), 0, 0)
	return strings.TrimRight(body.String()+"\n"+got.status, "\n")
}

// layOut writes a value that begins in a column, its further lines indented.
func layOut(out *bytes.Buffer, value, page []byte, indent, column int) {
	inOneLine := oneLine(value, page)
	kind := strictjson.KindOf(value)
	if column+utf8.RuneCountInString(inOneLine) <= pageWidth || kind != strictjson.Object && kind != strictjson.Array {
		out.WriteString(inOneLine)
		return
	}
	pad := strings.Repeat(" ", indent+2)
	column = len(pad)
	out.WriteString(inOneLine[:1] + "\n" + pad)
	for i, part := range parts(value, page) {
		text := part.name + oneLine(part.value, part.page)
		if part.left {
			text = rest
		}
		width := utf8.RuneCountInString(text)
		fits := column+width+1 <= pageWidth
		if i > 0 {
			out.WriteString(",")
			if fits && width <= pageWidth/2 {
				out.WriteString(" ")
				column += 2
			} else {
				out.WriteString("\n" + pad)
				column = len(pad)
			}
		}
		if part.left || column+width+1 <= pageWidth {
			out.WriteString(text)
			column += width
			continue
		}
		out.WriteString(part.name)
		layOut(out, part.value, part.page, indent+2, column+len(part.name))
		column = pageWidth // what follows begins a line
	}
	out.WriteString("\n" + strings.Repeat(" ", indent) + inOneLine[len(inOneLine)-1:])
}

// part is a member or an element, with what the page had in its place.
type part struct {
	name        string // of a member, quoted, with its colon
	value, page []byte
	left        bool // it stands for all that the page leaves out
}

// parts are the members or elements of a value that the page shows.
func parts(value, page []byte) (all []part) {
	if strictjson.KindOf(value) == strictjson.Array {
		return elements(value, page)
	}
	_, partly := strictjson.Get(page, rest)
	for token, member := range strictjson.Members(value) {
		name, _ := strictjson.Unquote(token)
		before, shown := strictjson.Get(page, name)
		if partly && !shown {
			continue
		}
		all = append(all, part{name: string(token) + ": ", value: member, page: before})
	}
	if partly {
		all = append(all, part{left: true})
	}
	return all
}

func elements(value, page []byte) (all []part) {
	var before [][]byte
	if strictjson.KindOf(page) == strictjson.Array {
		for element := range strictjson.Elements(page) {
			before = append(before, element)
		}
	}
	partly := len(before) > 0 && strictjson.NameIs(before[len(before)-1], rest)
	for element := range strictjson.Elements(value) {
		one := part{value: element}
		if partly && len(all) == len(before)-1 {
			return append(all, part{left: true})
		}
		if len(all) < len(before) {
			one.page = before[len(all)]
		}
		all = append(all, one)
	}
	return all
}

// oneLine writes a value in one line.
func oneLine(value, page []byte) string {
	kind := strictjson.KindOf(value)
	if kind != strictjson.Object && kind != strictjson.Array {
		return string(value)
	}
	texts := []string{}
	for _, part := range parts(value, page) {
		if part.left {
			texts = append(texts, rest)
			continue
		}
		texts = append(texts, part.name+oneLine(part.value, part.page))
	}
	inside := strings.Join(texts, ", ")
	if kind == strictjson.Array {
		return "[" + inside + "]"
	}
	return "{" + inside + "}"
}
