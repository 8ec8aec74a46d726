package manage

import (
	"strings"
	"sync"
)

// eventClass is one of OpenRegister's events, as its API lists them.
type eventClass struct {
	Class       string   `json:"class"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Category    string   `json:"category"`
	Type        string   `json:"type" enum:"before,after"`
	Properties  []string `json:"properties"`
}

// eventClassList is the list of them.
type eventClassList struct {
	Events []eventClass `json:"events"`
	Total  int          `json:"total"`
}

const classPrefix = `OCA\OpenRegister\Event\`

// eventClasses are the 36 of OpenRegister, in its order: seed 002 names 33, the
// three before a write are the ones that interceptors need.
var eventClasses = sync.OnceValue(func() eventClassList {
	events := objectClasses()
	for _, thing := range []string{"Register", "Schema", "Application", "Agent", "Source", "Configuration", "View", "Conversation", "Organisation"} {
		for _, action := range []string{"Created", "Updated", "Deleted"} {
			events = append(events, eventClass{
				Class:       classPrefix + thing + action + "Event",
				Name:        thing + " " + action,
				Description: "Triggered after " + withArticle(strings.ToLower(thing)) + " is " + strings.ToLower(action),
				Category:    thing, Type: "after", Properties: propertiesOf(thing, action),
			})
		}
	}
	return eventClassList{Events: events, Total: len(events)}
})

// objectClasses are those of objects.
func objectClasses() []eventClass {
	class := func(action, when, what string, properties ...string) eventClass {
		kind := "after"
		if when == "before" {
			kind = "before"
		}
		return eventClass{
			Class: classPrefix + "Object" + action + "Event", Name: "Object " + action,
			Description: "Triggered " + when + " an object is " + what, Category: "Object", Type: kind, Properties: properties,
		}
	}
	return []eventClass{
		class("Creating", "before", "created", "object"),
		class("Updating", "before", "updated", "newObject", "oldObject"),
		class("Deleting", "before", "deleted", "object"),
		class("Created", "after", "created", "object"),
		class("Updated", "after", "updated", "newObject", "oldObject"),
		class("Deleted", "after", "deleted", "object"),
		class("Locked", "when", "locked", "object"),
		class("Unlocked", "when", "unlocked", "object"),
		class("Reverted", "when", "reverted", "object", "revertPoint"),
	}
}

// propertiesOf names what an event of OpenRegister carries: an update what was
// and what is.
func propertiesOf(thing, action string) []string {
	if action == "Updated" {
		return []string{"new" + thing, "old" + thing}
	}
	return []string{strings.ToLower(thing)}
}

func withArticle(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
