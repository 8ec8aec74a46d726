package webhook

// Filter is one member of `filters`: a path into the event and the values
// that are welcome there. See evaluate.go for what a path reaches.
type Filter struct {
	// Path is plain keys separated by dots; a decimal number indexes a list.
	// Nothing in it is a pattern or an operator.
	Path string

	// Values are JSON scalars, as raw JSON: null, true, 5, "text". The filter
	// holds when the value at Path equals any of them, type included. null
	// stands for a value that is null or absent.
	Values [][]byte
}
