package probes

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// contract is what an OpenAPI document says about answers.
type contract struct {
	operations []*operation // sorted by path and method
	several    bool         // more than one of them is asked for
}

// operation is one method of one path.
type operation struct {
	id, method string
	path       []string             // segments of the template
	servers    []server             // what may come before the path
	responses  map[string]*response // by status, such as "200", "2XX" or "default"
	dropped    bool                 // its responses are not kept
	template   string
}

// response is what may be answered with one status.
type response struct {
	content map[string]*media // by media type, such as "application/json"; empty when the body is not described
}

// media is how a body of one media type looks.
type media struct {
	schema *openapi3.SchemaRef // nil for any body, and once it is compiled
	rules  *rules
	err    error // why it could not be compiled
}

func (o *operation) String() string { return o.method + " " + o.template }

// loadContract reads a document. Its own faults that do not concern answers,
// such as an example of the wrong type, are no matter.
func loadContract(data []byte) (held *contract, err error) {
	defer func() {
		if v := recover(); v != nil {
			held, err = nil, fmt.Errorf("the document cannot be read: %s", panicDetail(v))
		}
	}()
	node, err := scanContract(data)
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, to *url.URL) ([]byte, error) {
		return nil, fmt.Errorf("it refers to another document, %s, which is not read", redact(to))
	}
	var document *openapi3.T
	swagger, version := text(node, "swagger"), text(node, "openapi")
	switch {
	case strings.HasPrefix(version, "3."):
		document, err = loader.LoadFromData(data)
	case swagger == "2.0" || swagger == "2":
		document, err = convert(node, loader)
	case swagger+version == "":
		return nil, errors.New("the document is not OpenAPI: it says neither openapi nor swagger")
	default:
		return nil, fmt.Errorf("the document is of version %q of OpenAPI, which is not known", shorten(swagger+version, 20))
	}
	if err != nil {
		return nil, fmt.Errorf("the document is not valid OpenAPI: %w", err)
	}
	return newContract(document)
}

// convert makes a document of version 3 from one of Swagger 2.0.
func convert(node *yaml.Node, loader *openapi3.Loader) (*openapi3.T, error) {
	data, err := json.Marshal(plainValue(node))
	if err != nil {
		return nil, err
	}
	var document openapi2.T
	if err = json.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	return openapi2conv.ToV3WithLoader(&document, loader, nil)
}

// newContract takes from a document what is needed of it.
func newContract(document *openapi3.T) (*contract, error) {
	c := new(contract)
	for template, item := range document.Paths.Map() {
		if item == nil {
			continue
		}
		for method, op := range item.Operations() {
			servers := document.Servers
			if len(item.Servers) > 0 {
				servers = item.Servers
			}
			if op.Servers != nil && len(*op.Servers) > 0 {
				servers = *op.Servers
			}
			c.operations = append(c.operations, &operation{
				id: op.OperationID, method: strings.ToUpper(method), template: template,
				path: segments(template), servers: newServers(servers), responses: newResponses(op.Responses),
			})
		}
	}
	if len(c.operations) == 0 {
		return nil, errors.New("the document describes no operation")
	}
	slices.SortFunc(c.operations, func(a, b *operation) int {
		return strings.Compare(a.template+" "+a.method, b.template+" "+b.method)
	})
	return c, nil
}

func newResponses(all *openapi3.Responses) map[string]*response {
	responses := make(map[string]*response)
	for status, ref := range all.Map() {
		if ref == nil || ref.Value == nil {
			continue
		}
		r := &response{content: make(map[string]*media)}
		for name, m := range ref.Value.Content {
			described := new(media)
			if m != nil {
				described.schema = m.Schema
			}
			r.content[mediaType(name)] = described
		}
		responses[strings.ToLower(status)] = r
	}
	return responses
}

// keep drops what the document says about other operations, unless several are
// asked for in turn.
func (c *contract) keep(used *operation) {
	if c.several {
		return
	}
	for _, op := range c.operations {
		if op != used {
			op.responses, op.dropped = nil, true
		}
	}
}
