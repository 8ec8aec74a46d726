package event

// AfterEvent is one of the events that may follow an action. Its expressions are CEL over the variables of rules and
// before (the resource before the write), after (the resource after it), response.status, response.headers, response.body,
// public_url, fetched.<lookup>, settings.<name>, and item with ForEach.
type AfterEvent struct {
	// Type is the CloudEvents type; it may hold path parameters in braces. Required.
	Type string `json:"type"`

	// Class is an alias of the type, see [Type.Class].
	Class string `json:"class,omitempty"`

	// ForEach is an expression that gives a list: one event for each element, which the other expressions know as item.
	// Default: one event.
	ForEach string `json:"for_each,omitempty"`

	// When is an expression that gives a bool: whether there is such an event. Default: there is.
	When string `json:"when,omitempty"`

	// Require is an expression that gives a bool. When it does not hold there is no event, but a [Warning].
	Require string `json:"require,omitempty"`

	// Subject is a template like [Rule.Subject]; SubjectExpression is an expression instead. Default: those of the action
	// and the rule.
	Subject           string `json:"subject,omitempty"`
	SubjectExpression string `json:"subject_expression,omitempty"`

	// DataExpression gives the data, any JSON value. Default: that of the rule, then the object document, see [Match.After].
	DataExpression string `json:"data_expression,omitempty"`

	// Key is a template, and KeyExpression an expression, that gives the ordering key, see [Event.Key]. Default: the subject.
	Key           string `json:"key,omitempty"`
	KeyExpression string `json:"key_expression,omitempty"`
}

// Lookup is a document that is got from the register because an event needs it. Its value is the variable fetched.<name>.
type Lookup struct {
	// PathExpression is a CEL expression that gives the path and query. When it gives "" there is nothing to look up, and
	// the variable is null.
	PathExpression string `json:"path_expression"`

	// Phase is "before" for what the write may remove, got by [Match.Prepare]; PathExpression cannot name response and
	// after then. Default: "after", got by [Match.After] when an event that applies names it.
	Phase string `json:"phase,omitempty"`

	// Optional makes a failed lookup null. Otherwise the event cannot be built.
	Optional bool `json:"optional,omitempty"`
}
