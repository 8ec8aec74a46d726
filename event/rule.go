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

	// DataExpression is a CEL expression that gives the data of the event, any JSON value, instead of the document
	// that describes the request.
	DataExpression string `json:"data_expression,omitempty"`

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
	if a.After == "" {
		a.After = resource + "." + verbs[1]
	}
	return a
}
