package e2e_test

import (
	"regexp"
	"slices"
	"strings"
)

// transcript is a command of a page of documentation, and what the page says
// that it prints.
type transcript struct {
	line    int // of the command, from 1
	command string
	output  string // without the last line feed

	from, to int // lines of the page that the output takes: [from, to)
}

// transcripts are those in the blocks marked console of a page, in order. A
// command follows "$ ", and goes on after a backslash or within quotes.
func transcripts(page string) []transcript {
	var found []transcript
	inside := false
	var output []string
	lines := strings.Split(page, "\n")
	finish := func(at int) {
		if inside && len(found) > 0 {
			last := &found[len(found)-1]
			last.output, last.to = strings.Join(output, "\n"), at
		}
	}
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case line == "```console":
			inside, output = true, nil
		case strings.HasPrefix(line, "```"):
			finish(i)
			inside = false
		case inside && strings.HasPrefix(line, "$ "):
			if len(found) > 0 && lines[i-1] != "```console" {
				finish(i)
			}
			one := transcript{line: i + 1, command: line[2:]}
			for strings.HasSuffix(one.command, `\`) || strings.Count(one.command, "'")%2 == 1 {
				i++
				one.command += "\n" + lines[i]
			}
			one.from = i + 1
			found, output = append(found, one), nil
		case inside:
			output = append(output, line)
		}
	}
	return found
}

// blockOf is the first block of a page in a language.
func blockOf(page, language string) string {
	_, rest, _ := strings.Cut(page, "```"+language+"\n")
	block, _, _ := strings.Cut(rest, "```\n")
	return block
}

// reply is what a call of curl printed, taken apart.
type reply struct {
	head   []string // the status line and the fields; with -i
	body   string
	status string // as the curl configuration of the pages writes it behind the body
}

var statusLine = regexp.MustCompile(`(?:^|\n)(\d{3})$`)

// replyOf takes an output apart.
func replyOf(output string) (r reply) {
	output = strings.TrimRight(strings.ReplaceAll(output, "\r\n", "\n"), "\n")
	if found := statusLine.FindStringSubmatchIndex(output); found != nil {
		r.status, output = output[found[2]:], strings.TrimRight(output[:found[0]], "\n")
	}
	if !strings.HasPrefix(output, "HTTP/") {
		r.body = output
		return r
	}
	head, body, _ := strings.Cut(output, "\n\n")
	r.head, r.body = strings.Split(head, "\n"), body
	return r
}

// fieldName is the name of a field; the status line as a whole.
func fieldName(line string) string {
	if strings.HasPrefix(line, "HTTP/") {
		return line
	}
	name, _, _ := strings.Cut(line, ":")
	return name
}

// shownHead is the head as the page shows it, which may leave fields out.
func (r *reply) shownHead(page *reply) (lines []string) {
	if !slices.Contains(page.head, rest) {
		return r.head
	}
	for _, line := range r.head {
		if slices.ContainsFunc(page.head, func(said string) bool { return fieldName(said) == fieldName(line) }) || strings.HasPrefix(line, "HTTP/") {
			lines = append(lines, line)
		}
	}
	return append(lines, rest)
}
