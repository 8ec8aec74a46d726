package event

// Rule names a resource and says how it appears in HTTP.
type Rule struct {
	// Name identifies the rule in errors and logs. Optional; unique among the operator's rules.
	Name string `json:"name,omitempty"`

	// Resource is the kind of thing, such as "object". It is the first half of derived type names and may be a
	// path parameter in braces: "{collection}".
	Resource string `json:"resource,omitempty"`

	// Path is the pattern of the path, such as "/api/objects/{register}/{schema}/{id}". A parameter takes one whole
	// segment; "{rest...}" as last segment takes all that follows. Fixed segments compare without regard to case
	// and after percent-decoding, and one slash at the end is ignored.
	Path string `json:"path"`

	// Actions maps HTTP methods to what they do. Only methods that write are allowed.
	Actions map[string]Action `json:"actions"`

	// Source is the CloudEvents source of this rule's events, a URI-reference. Default: the source of the whole
	// configuration, then that of the preset, then "/voorpoort".
	Source string `json:"source,omitempty"`

	// Subject is a template with path parameters, such as "object:{register}/{schema}". Default: no subject.
	Subject string `json:"subject,omitempty"`

	// When is a CEL expression that gives a bool: whether the rule applies to a request. Default: it does.
	When string `json:"when,omitempty"`

	// SubjectExpression is a CEL expression that gives the subject, instead of Subject.
	SubjectExpression string `json:"subject_expression,omitempty"`

	// DataExpression is a CEL expression that gives the data of the events, any JSON value, instead of the document
	// that describes the request and of the one that describes the object.
	DataExpression string `json:"data_expression,omitempty"`

	// Correlate is a CEL expression over request, params and settings that gives the path, with query, at which the resource
	// that a POST creates can be read back, "" when there is none. The gateway asks there what became of a POST whose answer
	// nobody saw. Values from the request must be encoded: urlencode(request.body.number). Default: such a POST stays
	// unsettled. See [Match.Correlate].
	Correlate string `json:"correlate,omitempty"`

	// DataSchema is the CloudEvents dataschema of this rule's events, an absolute URI. Default: none.
	DataSchema string `json:"dataschema,omitempty"`

	// WholeSeconds gives the events' time without milliseconds, for receivers that expect it.
	WholeSeconds bool `json:"whole_seconds,omitempty"`

	// Settings are values that the rule's expressions know as settings.<name>. In a preset they are defaults, see
	// [Config.Settings].
	Settings map[string]any `json:"settings,omitempty"`

	// Extensions are CloudEvents extension attributes with fixed values: strings, bools or 32-bit integers.
	Extensions map[string]any `json:"extensions,omitempty"`
}

// Action is what one HTTP method does with the resource.
type Action struct {
	// Name is the verb: "create", "update" and "delete" have derived types, any other name needs Before or After.
	Name string `json:"name"`

	// Before and After are the types of the events before and after the register acts. For the three standard names
	// they default to "<resource>.creating", "<resource>.created" and so on. For other names an empty Before
	// means that the action cannot be intercepted, an empty After that nobody is told.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`

	// BeforeClass and AfterClass are aliases of the two types, see [Type.Class].
	BeforeClass string `json:"before_class,omitempty"`
	AfterClass  string `json:"after_class,omitempty"`

	// AfterSubject is a template for the subject of the events after the action. Beside the path parameters it may hold
	// {new_id}, the id of the thing that the register made: the answer's uuid, id, or the end of its url or of the Location
	// header. When that is not known, or without AfterSubject, the rule's subject is taken.
	AfterSubject string `json:"after_subject,omitempty"`

	// AfterDataExpression is a CEL expression that gives the data of the events after the action. Default: the rule's
	// DataExpression, then the object document, see [Match.After].
	AfterDataExpression string `json:"after_data_expression,omitempty"`

	// AfterEvents are the events that may follow, in order, instead of After.
	AfterEvents []AfterEvent `json:"after_events,omitempty"`

	// Lookups are documents of the register that AfterEvents need, by name; at most 4.
	Lookups map[string]Lookup `json:"lookups,omitempty"`

	// BeforeImage says that the events tell the resource as it was before the write, so that it is got first. It need not be said
	// for events whose expressions name before.
	BeforeImage bool `json:"before_image,omitempty"`
}

// standardVerbs are the actions whose types can be derived: the ends of the type before and of the type after.
var standardVerbs = map[string][2]string{
	"create": {"creating", "created"},
	"update": {"updating", "updated"},
	"delete": {"deleting", "deleted"},
}

// withDefaults fills in the types that follow from resource and name.
func (a Action) withDefaults(resource string) Action {
	verbs, standard := standardVerbs[a.Name]
	if !standard || resource == "" {
		return a
	}
	if a.Before == "" {
		a.Before = resource + "." + verbs[0]
	}
	if a.After == "" && len(a.AfterEvents) == 0 {
		a.After = resource + "." + verbs[1]
	}
	return a
}
