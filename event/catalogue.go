package event

import "strings"

// classPrefix is the namespace of OpenRegister's event classes.
const classPrefix = `OCA\OpenRegister\Event\`

// CatalogueEntry describes one event of OpenRegister, in the form in which OpenRegister lists it.
type CatalogueEntry struct {
	Class       string   `json:"class"`       // full name of the PHP class
	Name        string   `json:"name"`        // for people: "Object Creating"
	Description string   `json:"description"` // when it is triggered
	Category    string   `json:"category"`    // the kind of entity: "Object"
	Type        string   `json:"type"`        // "before" or "after"
	Properties  []string `json:"properties"`  // what the class offers, not what a payload holds
}

// catalogueEntities are the entities with only the three usual events, in OpenRegister's order.
var catalogueEntities = []string{
	"Register", "Schema", "Application", "Agent", "Source", "Configuration", "View", "Conversation", "Organisation",
}

// Catalogue gives the 36 events that OpenRegister documents, in its order. The preset "openregister" gives them all.
func Catalogue() []CatalogueEntry {
	entries := append(make([]CatalogueEntry, 0, 36),
		beforeObject("Creating", "created", "object"),
		beforeObject("Updating", "updated", "newObject", "oldObject"),
		beforeObject("Deleting", "deleted", "object"),
	)
	entries = append(entries, afterEntity("Object")...)
	entries = append(entries,
		objectWhen("Locked", "locked", "object"),
		objectWhen("Unlocked", "unlocked", "object"),
		objectWhen("Reverted", "reverted", "object", "revertPoint"),
	)
	for _, entity := range catalogueEntities {
		entries = append(entries, afterEntity(entity)...)
	}
	return entries
}

// beforeObject describes an event before something is done to an object.
func beforeObject(verb, done string, properties ...string) CatalogueEntry {
	return catalogueEntry("Object", verb, "Triggered before an object is "+done, "before", properties)
}

// objectWhen describes an event that OpenRegister words as "when".
func objectWhen(verb, done string, properties ...string) CatalogueEntry {
	return catalogueEntry("Object", verb, "Triggered when an object is "+done, "after", properties)
}

// afterEntity describes the three events after an entity is created, updated and deleted.
func afterEntity(entity string) []CatalogueEntry {
	name := strings.ToLower(entity)
	described := "Triggered after a " + name + " is "
	if strings.ContainsRune("aeiou", rune(name[0])) {
		described = "Triggered after an " + name + " is "
	}
	return []CatalogueEntry{
		catalogueEntry(entity, "Created", described+"created", "after", []string{name}),
		catalogueEntry(entity, "Updated", described+"updated", "after", []string{"new" + entity, "old" + entity}),
		catalogueEntry(entity, "Deleted", described+"deleted", "after", []string{name}),
	}
}

func catalogueEntry(entity, verb, description, phase string, properties []string) CatalogueEntry {
	return CatalogueEntry{
		Class: classPrefix + entity + verb + "Event", Name: entity + " " + verb, Description: description,
		Category: entity, Type: phase, Properties: properties,
	}
}

// aliasTables are both directions of the catalogue's aliases.
var classToName, nameToClass = catalogueAliases()

func catalogueAliases() (toName, toClass map[string]string) {
	toName, toClass = make(map[string]string), make(map[string]string)
	for _, entry := range Catalogue() {
		name := strings.ToLower(strings.Replace(entry.Name, " ", ".", 1))
		toName[entry.Class], toClass[name] = name, entry.Class
	}
	return toName, toClass
}

// NameOf gives the type that OpenRegister's class is another name of: "object.creating" for
// `OCA\OpenRegister\Event\ObjectCreatingEvent`.
func NameOf(class string) (name string, ok bool) {
	name, ok = classToName[class]
	return name, ok
}

// ClassOf gives OpenRegister's class for a type; it is the reverse of [NameOf].
func ClassOf(name string) (class string, ok bool) {
	class, ok = nameToClass[name]
	return class, ok
}
