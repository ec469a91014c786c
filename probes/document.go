package probes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"observatoire/probes/jsonpath"
)

// maxShown is the most bytes of one value of an answer that a text quotes. It
// is well beyond MaxDetail, so that secrets are found before a text is cut.
const maxShown = 4 * MaxDetail

// json returns the body decoded as JSON, numbers as json.Number. It is decoded
// once for all that read it.
func (o *Observation) json() (any, error) {
	if !o.decoded {
		o.document, o.bodyErr = decode(o.Body)
		o.decoded = true
	}
	return o.document, o.bodyErr
}

func decode(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	d.UseNumber()
	var document any
	err := d.Decode(&document)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return document, nil
		}
		err = errors.New("more text after its end")
	}
	if err == io.EOF {
		err = errors.New("it is empty")
	}
	return nil, fmt.Errorf("the body is not JSON: %w", err)
}

// selectNodes returns the nodes of the body that the path selects.
func (o *Observation) selectNodes(path jsonpath.Path) ([]any, error) {
	document, err := o.json()
	if err != nil {
		return nil, err
	}
	nodes, err := path.Select(document)
	if err != nil {
		return nil, undecided{err}
	}
	return nodes, nil
}

// show returns a value of an answer as JSON, shortened.
func show(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(shorten(strings.ToValidUTF8(v, "\uFFFD"), maxShown))
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%T", value)
	}
	return shorten(string(text), maxShown)
}
