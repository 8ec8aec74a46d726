package main

import "encoding/json"

// idOf reads the id of an object that the register has stored; "" without one.
func idOf(object []byte) string {
	var o struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(object, &o) != nil {
		return ""
	}
	return o.ID
}
