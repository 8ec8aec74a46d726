package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// likeness compares what a page says with what the program answers. Members are
// the same; so are values, but for those that are another each time. Of these it
// remembers which stands for which, so that later commands can name them.
type likeness struct {
	meanings    map[string]string // what the page says -> what it is in this run
	differences []string
}

// varying are texts that are another each time, by their form: times, UUIDs, the
// numbers of webhooks and of news, durations of tables, tokens and their digests.
var varying = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|` +
	`\b[0-9a-f]{64}\b|\b[A-Z2-7]{26}\b|\b\d{10,}\b`)

// free are members whose values are another each time, and mean nothing to later
// commands.
var free = map[string]bool{
	"durationMs": true, "version": true, "caddyVersion": true, "ageSeconds": true, "sentBytes": true, "receivedBytes": true, "ts": true,
}

// freePart is of paths below which only the names count: counters of 10 seconds.
const freePart = "/points/"

// elided is how a page leaves out the rest of an array or of an object.
var elided = regexp.MustCompile(`,\s*\.\.\.\s*([\]}])`)

const rest = "..."

// readable makes JSON of JSON in which something was left out.
func readable(text string) string {
	return elided.ReplaceAllStringFunc(text, func(match string) string {
		if strings.HasSuffix(match, "]") {
			return `,"` + rest + `"]`
		}
		return `,"` + rest + `":0}`
	})
}

func (l *likeness) differ(at, format string, args ...any) {
	l.differences = append(l.differences, at+" "+fmt.Sprintf(format, args...))
}

// outputs compares what a command prints.
func (l *likeness) outputs(page, real string) {
	said, got := replyOf(page), replyOf(real)
	if said.status != got.status {
		l.differ("the status", "is %s, not %s", got.status, said.status)
	}
	if shown := got.shownHead(&said); !slices.EqualFunc(said.head, shown, func(a, b string) bool { return fieldName(a) == fieldName(b) }) {
		l.differ("the head", "is %q, not %q", got.head, said.head)
	}
	l.texts(said.body, got.body)
}

// texts compares bodies: documents of JSON, or line by line.
func (l *likeness) texts(page, real string) {
	var said, got any
	if decode(readable(page), &said) == nil && decode(real, &got) == nil {
		l.values("", said, got)
		return
	}
	saidLines, gotLines := strings.Split(page, "\n"), strings.Split(real, "\n")
	if len(saidLines) != len(gotLines) {
		l.differ("the output", "has %d lines, not %d:\n%s", len(gotLines), len(saidLines), real)
		return
	}
	for i := range saidLines {
		l.lines(fmt.Sprintf("line %d", i+1), saidLines[i], gotLines[i])
	}
}

// lines compares two lines, of server-sent events or of a table.
func (l *likeness) lines(at, page, real string) {
	var said, got any
	document, realDocument := page, real
	if field, rest, found := strings.Cut(page, ": "); found && strings.HasPrefix(real, field+": ") {
		document, realDocument = rest, strings.TrimPrefix(real, field+": ")
	}
	if decode(readable(document), &said) == nil && decode(realDocument, &got) == nil {
		l.values(at, said, got)
		return
	}
	saidWords, gotWords := wordsOf(page), wordsOf(real)
	if !alike(saidWords, gotWords) {
		l.differ(at, "is %q, not %q", real, page)
		return
	}
	l.learn(saidWords, gotWords)
}

// duration is one of a table, in milliseconds.
var duration = regexp.MustCompile(`\b\d+\.\d\b`)

// wordsOf is a line whatever the width of its columns.
func wordsOf(line string) string {
	return strings.Join(strings.Fields(duration.ReplaceAllString(line, "*")), " ")
}

func decode(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err //nolint:wrapcheck // only whether there is one counts
	}
	if decoder.More() {
		return fmt.Errorf("%d bytes and more", decoder.InputOffset())
	}
	return nil
}

// values compares two values of JSON at a path.
func (l *likeness) values(at string, said, got any) {
	if _, named := said.(map[string]any); !named && strings.Contains(at, freePart) {
		return
	}
	switch page := said.(type) {
	case map[string]any:
		if real, ok := got.(map[string]any); ok {
			l.objects(at, page, real)
			return
		}
	case []any:
		if real, ok := got.([]any); ok {
			l.arrays(at, page, real)
			return
		}
	case string, json.Number:
		if fmt.Sprintf("%T", said) == fmt.Sprintf("%T", got) {
			l.scalars(at, fmt.Sprint(said), fmt.Sprint(got))
			return
		}
	default:
		if said == got {
			return
		}
	}
	l.differ(at, "is %v, not %v", got, said)
}

func (l *likeness) objects(at string, page, real map[string]any) {
	_, partly := page[rest]
	delete(page, rest)
	for _, name := range slices.Sorted(maps.Keys(page)) {
		value, ok := real[name]
		if !ok {
			l.differ(at+"/"+name, "is not there")
			continue
		}
		l.values(at+"/"+name, page[name], value)
	}
	for _, name := range slices.Sorted(maps.Keys(real)) {
		if _, ok := page[name]; !ok && !partly {
			l.differ(at+"/"+name, "is not in the page")
		}
	}
}

func (l *likeness) arrays(at string, page, real []any) {
	partly := len(page) > 0 && page[len(page)-1] == rest
	if partly {
		page = page[:len(page)-1]
	}
	if len(real) < len(page) || len(real) > len(page) && !partly {
		l.differ(at, "has %d elements, not %d", len(real), len(page))
		return
	}
	for i := range page {
		l.values(fmt.Sprintf("%s/%d", at, i), page[i], real[i])
	}
}

func (l *likeness) scalars(at, page, real string) {
	name := at[strings.LastIndexByte(at, '/')+1:]
	switch {
	case page == real || free[name]:
	case name == "cursor" && page != "":
		l.meanings[page] = real
	case alike(page, real):
		l.learn(page, real)
	default:
		l.differ(at, "is %q, not %q", real, page)
	}
}

// alike tells whether two texts are the same but for what is another each time.
func alike(page, real string) bool {
	return varying.ReplaceAllString(page, "*") == varying.ReplaceAllString(real, "*")
}

// learn remembers what the varying parts of a text are in this run.
func (l *likeness) learn(page, real string) {
	now := varying.FindAllString(real, -1)
	for i, then := range varying.FindAllString(page, -1) {
		l.meanings[then] = now[i]
	}
}

// asMeant is a command with the values of this run.
func (l *likeness) asMeant(command string) string {
	for _, page := range slices.Sorted(maps.Keys(l.meanings)) {
		command = strings.ReplaceAll(command, page, l.meanings[page])
	}
	return command
}
