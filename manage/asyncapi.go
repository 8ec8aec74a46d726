package manage

import (
	"strings"

	"github.com/voorpoort/voorpoort/event"
)

// asyncAPIVersion is the version of AsyncAPI that the document keeps to.
const asyncAPIVersion = "3.0.0"

// asyncAPI describes the events that this gateway emits (AsyncAPI 3): what it
// sends to the address of a webhook, from its own point of view. before are
// those that webhooks are asked about, after those that they are told of.
func asyncAPI(before, after []event.Type) ([]byte, error) {
	messages, operations := map[string]any{}, map[string]any{}
	asked, told := map[string]any{}, map[string]any{}
	for _, t := range before {
		addEvent(t, "asked", messages, operations, asked)
	}
	for _, t := range after {
		addEvent(t, "told", messages, operations, told)
	}
	return marshal(map[string]any{
		"asyncapi": asyncAPIVersion,
		"info": map[string]any{
			"title": "Events of Voorpoort", "version": APIVersion,
			"description": "CloudEvents about writes to the register: before a write to those that are asked, after it to those that are told.",
			"license":     map[string]any{"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
		},
		"defaultContentType": "application/cloudevents+json",
		"channels": map[string]any{
			"asked": channel("URL of a webhook with interceptRequests.", "Its answer decides about the write.", asked),
			"told":  channel("URL of a webhook.", "Its answer says whether it has the event.", told),
		},
		"operations": operations,
		"components": map[string]any{"messages": messages, "schemas": map[string]any{"CloudEvent": cloudEventSchema()}},
	})
}

func channel(address, text string, messages map[string]any) map[string]any {
	return map[string]any{
		"address": "{url}", "description": text, "messages": messages,
		"parameters": map[string]any{"url": map[string]any{"description": address}},
	}
}

// addEvent describes one type: the message, where it goes, and that we send it.
func addEvent(t event.Type, channel string, messages, operations, inChannel map[string]any) {
	key := componentKey(t.Name)
	message := map[string]any{
		"name": t.Name, "title": t.Name, "contentType": "application/cloudevents+json",
		"payload": map[string]any{"allOf": []any{
			map[string]any{"$ref": "#/components/schemas/CloudEvent"},
			map[string]any{"type": "object", "properties": map[string]any{"type": typeSchema(t.Name)}},
		}},
	}
	if t.Class != "" {
		message["summary"] = "Also known as " + t.Class + "."
	}
	messages[key] = message
	inChannel[key] = map[string]any{"$ref": "#/components/messages/" + key}
	operations[channel+"-"+key] = map[string]any{
		"action": "send", "channel": map[string]any{"$ref": "#/channels/" + channel},
		"messages": []any{map[string]any{"$ref": "#/channels/" + channel + "/messages/" + key}},
	}
}

// typeSchema is what the type of an event may be: one text, or what is left open
// by path parameters in braces.
func typeSchema(name string) map[string]any {
	if !strings.Contains(name, "{") {
		return map[string]any{"const": name}
	}
	return map[string]any{"type": "string", "description": name + ", with names out of the path in place of the braces"}
}

// componentKey is a type as the name of a component, which may have letters,
// digits, dots, hyphens and underscores (AsyncAPI 3.0, components object).
func componentKey(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
}

// cloudEventSchema is what all events have (CloudEvents 1.0.2, JSON event format).
func cloudEventSchema() map[string]any {
	text := func(description string) map[string]any {
		return map[string]any{"type": "string", "minLength": 1, "description": description}
	}
	return map[string]any{
		"type": "object", "required": []string{"specversion", "id", "source", "type"},
		"properties": map[string]any{
			"specversion":     map[string]any{"const": "1.0"},
			"id":              text("The same when a call is repeated."),
			"source":          map[string]any{"type": "string", "format": "uri-reference", "minLength": 1},
			"type":            text("What happened."),
			"subject":         text("What it is about."),
			"time":            map[string]any{"type": "string", "format": "date-time"},
			"datacontenttype": text("Media type of data."),
			"dataschema":      map[string]any{"type": "string", "format": "uri"},
			"data":            map[string]any{"description": "Any JSON value."},
		},
	}
}
