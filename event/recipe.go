package event

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/voorpoort/voorpoort/strictjson"
)

// ErrRecipe says that a recipe cannot be used: it is damaged, or the configuration no longer has its rule.
var ErrRecipe = errors.New("the recipe fits no rule of this configuration")

// maxRecipeDepth is the nesting of the deepest body that a gateway may be configured to take, and one more.
const maxRecipeDepth = 10_001

// recipe is what is kept of a request and its rule.
type recipe struct {
	Rule        string          `json:"rule"`
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	Query       string          `json:"query,omitempty"`
	ContentType string          `json:"contentType,omitempty"`
	Header      http.Header     `json:"header,omitempty"`
	Opaque      []byte          `json:"opaque,omitempty"`
	Body        json.RawMessage `json:"body,omitempty"`
}

// AppendRecipe appends, as a JSON object, what is needed to make the events of a request again after a crash: the rule that was
// chosen and the request, without the header fields that are not told in events. The body is copied byte for byte; whoever
// puts the object into another document must do so too. The match must be bound to its rule, see [Match.Choose].
func (m Match) AppendRecipe(dst []byte, req *Request) ([]byte, error) {
	head, err := json.Marshal(recipe{
		Rule: m.Rule(), Method: m.leaf.method, Path: req.Path, Query: req.Query, ContentType: req.ContentType,
		Header: m.table.Told(req.Header), Opaque: req.Opaque,
	})
	if err != nil {
		return dst, err
	}
	dst = append(dst, head...)
	if len(req.Body) > 0 {
		dst = append(append(dst[:len(dst)-1], `,"body":`...), req.Body...)
		dst = append(dst, '}')
	}
	return dst, nil
}

// Recipe reads what [Match.AppendRecipe] has written, for a configuration that may have changed since: the error is [ErrRecipe].
func (t *Table) Recipe(raw []byte) (Match, *Request, error) {
	var kept recipe
	if strictjson.Check(raw, maxRecipeDepth) != nil || json.Unmarshal(raw, &kept) != nil {
		return Match{}, nil, ErrRecipe
	}
	m, ok := t.Recall(kept.Method, kept.Path, kept.Rule)
	if !ok {
		return Match{}, nil, ErrRecipe
	}
	return m, &Request{
		Method: kept.Method, Path: kept.Path, Query: kept.Query, Header: kept.Header, Body: kept.Body, Opaque: kept.Opaque,
		ContentType: kept.ContentType,
	}, nil
}
