package manage

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
)

// Contact is whom to turn to about this API: what the OpenAPI document says in
// info.contact. The NLgov REST API Design Rules want all three
// (/core/doc-openapi-contact). The zero value is the project, which has no
// e-mail address: whose gateway it is only its operator knows.
type Contact struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`
}

// project is the contact if none is given.
var project = Contact{Name: "Voorpoort", URL: "https://github.com/voorpoort/voorpoort"}

func (c Contact) orDefault() Contact {
	if c == (Contact{}) {
		return project
	}
	return c
}

// ParseContact reads a name and where that is to be found: an e-mail address,
// an http or https URL, or both.
func ParseContact(name string, places ...string) (Contact, error) {
	c := Contact{Name: name}
	for _, place := range places {
		field := &c.Email
		if strings.Contains(place, "://") {
			field = &c.URL
		}
		if *field != "" {
			return Contact{}, errors.New("contact has two of the same: it takes one e-mail address and one URL")
		}
		*field = place
	}
	return c, c.Validate()
}

// Validate tells what is wrong with a contact. The zero value is right.
func (c Contact) Validate() error {
	if c == (Contact{}) {
		return nil
	}
	if strings.TrimSpace(c.Name) == "" || c.Email == "" && c.URL == "" {
		return errors.New("contact needs a name, and an e-mail address or a URL")
	}
	if c.Email != "" {
		if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email {
			return fmt.Errorf("contact: %q is not an e-mail address", c.Email)
		}
	}
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			return errors.New("contact: the URL must be an http or https one, without a password")
		}
	}
	return nil
}
