package e2e_test

import "fmt"

const (
	klantinteracties = "/klantinteracties/api/v1"
	zaakA            = "a7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5"
	zaakB            = "b7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5"
	publicURL        = "http://gw.example"
	k1Label          = "Mijn Klantcontact Onderwerp - (99999)"
	longSubject      = "Een onderwerp dat langer is dan wat de afnemer in zijn kolom van tachtig tekens kwijt kan"
)

// link is an event as the cases write it: G(A,k1) is a link to zaak A with the
// label of klantcontact k1, O(A,k1) the end of one.
type link struct{ verb, zaak, label string }

func linked(zaak, label string) link   { return link{"gekoppeld", zaak, label} }
func unlinked(zaak, label string) link { return link{"ontkoppeld", zaak, label} }

// klantCase is one write on an onderwerpobject of its own, {o} in the documents.
type klantCase struct {
	id     string
	write  string // method and path below the API
	mode   string // "", "semantic", "spelled", "long" or "off": the gate that it goes through
	old    string // what the register has before
	status int
	now    string // what the register answers, and has afterwards
	want   []link
}

// ident is an identificator: Z(x) of the cases is zaak(x).
func ident(kind, register, sort, id string) string {
	return fmt.Sprintf(`{"objectId":%q,"codeObjecttype":%q,"codeRegister":%q,"codeSoortObjectId":%q}`, id, kind, register, sort)
}

func zaak(id string) string { return ident("zaak", "open-zaak", "uuid", id) }

// about is an onderwerpobject as the register answers it.
func about(contact, identificator string) string {
	klantcontact := "null"
	if contact != "" {
		klantcontact = fmt.Sprintf(`{"uuid":%q,"url":"http://internal/k"}`, contact)
	}
	return fmt.Sprintf(`{"uuid":"{o}","url":"http://internal/o","klantcontact":%s,"wasKlantcontact":null,"onderwerpobjectidentificator":%s}`,
		klantcontact, identificator)
}

var (
	k1A, k1B       = about("k1", zaak(zaakA)), about("k1", zaak(zaakB))
	k2B            = about("k2", zaak(zaakB))
	k1Document     = about("k1", ident("document", "open-zaak", "uuid", zaakA))
	k1OtherSort    = about("k1", ident("zaak", "open-zaak", "other-id-type", zaakA))
	nobodyA        = about("", zaak(zaakA))
	madeContact    = `{"klantcontact":{"uuid":"k1","onderwerp":"Mijn Klantcontact Onderwerp","nummer":"99999"},"onderwerpobject":` + k1A + `}`
	gA, oA, gB, oB = linked(zaakA, k1Label), unlinked(zaakA, k1Label), linked(zaakB, k1Label), unlinked(zaakB, k1Label)
)

var klantCases = []klantCase{
	{"OK-01", "POST /onderwerpobjecten", "", "", 201, k1A, []link{gA}},
	{"OK-02", "POST /onderwerpobjecten", "", "", 201, about("k2", zaak(zaakA)), []link{linked(zaakA, "Ander")}},
	{"OK-03 POST", "POST /onderwerpobjecten", "off", "", 201, k1A, nil},
	{"OK-03 DELETE", "DELETE /onderwerpobjecten/{o}", "off", k1A, 204, "", nil},
	{"OK-05", "POST /onderwerpobjecten", "", "", 201, k1Document, nil},
	{"OK-06", "POST /onderwerpobjecten", "", "", 201, nobodyA, nil},
	{"OK-07 Zaak", "POST /onderwerpobjecten", "", "", 201, about("k1", ident("Zaak", "open-zaak", "uuid", zaakA)), nil},
	{"OK-07 ZAAK", "POST /onderwerpobjecten", "", "", 201, about("k1", ident("ZAAK", "open-zaak", "uuid", zaakA)), nil},
	{"OK-07 zgw-Zaak", "POST /onderwerpobjecten", "", "", 201, about("k1", ident("zgw-Zaak", "openzaak", "uuid", zaakA)), nil},
	{"OK-07 zgw-Zaak configured", "POST /onderwerpobjecten", "spelled", "", 201, about("k1", ident("zgw-Zaak", "openzaak", "uuid", zaakA)), []link{gA}},
	{"OK-08", "POST /onderwerpobjecten", "", "", 201, k1OtherSort, nil},
	{"OK-09 another", "POST /onderwerpobjecten", "", "", 201, k1B, []link{gB}},
	{"OK-10", "DELETE /onderwerpobjecten/{o}", "", k1A, 204, "", []link{oA}},
	{"OK-11", "DELETE /onderwerpobjecten/{o}?cascade=true", "", k1A, 200, `{"behouden":[]}`, []link{oA}},
	{"OK-12", "DELETE /onderwerpobjecten/{o}", "", k1Document, 204, "", nil},
	{"OK-13", "DELETE /onderwerpobjecten/{o}", "", nobodyA, 204, "", nil},
	{"OK-14", "DELETE /onderwerpobjecten/{o}", "", k1OtherSort, 204, "", nil},
	{"OK-15", "PUT /onderwerpobjecten/{o}", "", k1A, 200, k1Document, []link{oA}},
	{"OK-16 PUT", "PUT /onderwerpobjecten/{o}", "", k1A, 200, k1A, nil},
	{"OK-16 PATCH", "PATCH /onderwerpobjecten/{o}", "", k1A, 200, k1A, nil},
	{"OK-17", "PUT /onderwerpobjecten/{o}", "", k1A, 200, k1B, []link{oA, gB}},
	{"OK-18", "PUT /onderwerpobjecten/{o}", "", k1Document, 200, k1B, []link{gB}},
	{"OK-19", "PUT /onderwerpobjecten/{o}", "", k1A, 200, k2B, []link{oA, linked(zaakB, "Ander")}},
	{"OK-20", "PATCH /onderwerpobjecten/{o}", "", k1A, 200, about("k1", ident("", "", "", zaakB)), []link{oA}},
	{"OK-21 null", "PUT /onderwerpobjecten/{o}", "", k1A, 200, about("k1", "null"), []link{oA}},
	{"OK-21 without", "PUT /onderwerpobjecten/{o}", "", k1A, 200, k1A, nil},
	{"OK-22 removed", "PATCH /onderwerpobjecten/{o}", "", k1A, 200, nobodyA, nil},
	{"OK-22 another", "PATCH /onderwerpobjecten/{o}", "", k1A, 200, about("k2", zaak(zaakA)), nil},
	{"OK-22 semantic removed", "PATCH /onderwerpobjecten/{o}", "semantic", k1A, 200, nobodyA, []link{oA}},
	{"OK-22 semantic another", "PATCH /onderwerpobjecten/{o}", "semantic", k1A, 200, about("k2", zaak(zaakA)), []link{oA, linked(zaakA, "Ander")}},
	{"OK-23", "PUT /onderwerpobjecten/{o}", "", k1A, 200, about("k1", ident("zaak", "other", "uuid", zaakA)), []link{oA, gA}},
	{"OK-24 400", "POST /onderwerpobjecten", "", "", 400, k1A, nil},
	{"OK-24 403", "PUT /onderwerpobjecten/{o}", "", k1A, 403, k1B, nil},
	{"OK-24 404", "DELETE /onderwerpobjecten/{o}", "", k1A, 404, `{}`, nil},
	{"OK-24 500", "DELETE /onderwerpobjecten/{o}", "", k1A, 500, `{}`, nil},
	{"OK-24 GET", "GET /onderwerpobjecten/{o}", "", k1A, 200, k1A, nil},
	{"OK-24 HEAD", "HEAD /onderwerpobjecten/{o}", "", k1A, 200, "", nil},
	{"OK-24 OPTIONS", "OPTIONS /onderwerpobjecten/{o}", "", k1A, 200, k1A, nil},
	{"OK-26 long", "POST /onderwerpobjecten", "", "", 201, about("k3", zaak(zaakA)), []link{linked(zaakA, longSubject[:80])}},
	{"OK-26 long wanted", "POST /onderwerpobjecten", "long", "", 201, about("k3", zaak(zaakA)), []link{linked(zaakA, longSubject+" - (7)")}},
	{"OK-26 no objectId", "POST /onderwerpobjecten", "", "", 201, about("k1", zaak("")), nil},
	{"OK-26 no UUID", "POST /onderwerpobjecten", "", "", 201, about("k1", zaak("ZAAK-1")), nil},
	{"OK-26 maak-klantcontact", "POST /maak-klantcontact", "", "", 201, madeContact, nil},
	{"OK-26 semantic maak-klantcontact", "POST /maak-klantcontact", "semantic", "", 201, madeContact, []link{gA}},
	{"OK-26 klantcontact", "DELETE /klantcontacten/k4-{o}", "", "", 204, "", nil},
	{"OK-26 semantic klantcontact", "DELETE /klantcontacten/k4-{o}", "semantic", "", 204, "", []link{oA, oB}},
}
